"""Model bundles: a trained network as one folder or file that can be opened without trusting it."""
