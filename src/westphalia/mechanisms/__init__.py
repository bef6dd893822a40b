"""How the order moves: one file a mechanism."""
