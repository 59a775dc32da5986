"""The product with one guarantee taken away, to see that the fault suite notices."""
