"""What every REST endpoint shares and no context owns."""
