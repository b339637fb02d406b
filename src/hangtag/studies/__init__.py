"""The recipes of the studies that come with Hangtag, as YAML files."""
