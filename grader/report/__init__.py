"""Reports as people and machines read them. Renders the JSON document of a report; computes nothing."""
