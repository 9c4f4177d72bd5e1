"""The development host and its servants: serves the product on one machine; never part of a deployment."""
