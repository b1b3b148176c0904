"""Random stories on a real control plane, and a judge of what came of them."""
