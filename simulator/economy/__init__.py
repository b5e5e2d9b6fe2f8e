"""The economy: jobs, prices, rates, firms; what shocks act on and what feeds back. It changes at a day's close only."""
