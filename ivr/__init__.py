"""An interactive voice response system for a cable company's billing line."""
