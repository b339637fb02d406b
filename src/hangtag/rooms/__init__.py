"""The verbs, one room each; rooms never import each other: they take records and give records."""
