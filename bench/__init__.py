"""`make bench`: what a turn costs beside the cheapest answer the same server can give."""
