"""World, scenario, model, simulation, futures."""
