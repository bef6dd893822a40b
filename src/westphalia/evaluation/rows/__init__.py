"""Adapters: one module a family of rows; each fits to an origin, forecasts, and gathers evidence. Nothing is judged here."""
