"""What reaches the network: payment gateways, and the carrier's REST API."""
