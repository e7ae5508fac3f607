"""What happens to a failure: who catches it, who swallows it, and whether it meets a handler on its way out."""
