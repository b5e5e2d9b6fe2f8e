"""The economy: what shocks act on and what feeds back."""
