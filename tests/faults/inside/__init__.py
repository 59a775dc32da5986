"""What the system under test has besides the product: its cast, a poison, a judge."""
