"""Published figures of 2020 by group of merchants, and the categories that stand for each."""

OPPORTUNITY_INSIGHTS: dict[str, tuple[float, float, float, list[str]]] = {
    "accommodation and food": (-0.670, -0.337, -0.293, ["restaurants", "fast_food", "hotels"]),
    "arts and recreation": (-0.715, -0.440, -0.414, ["recreation", "cinema_arts"]),
    "transport": (-0.794, -0.622, -0.541, ["airlines", "ride_and_taxi", "local_transit", "parking_tolls"]),
    "health": (-0.594, -0.160, -0.071, ["doctors"]),
    "apparel": (-0.677, -0.089, -0.041, ["clothing"]),
    "general merchandise": (-0.268, 0.055, 0.001, ["general_merchandise"]),
    "groceries": (0.039, 0.057, -0.051, ["groceries", "convenience", "liquor"]),
    "home improvement": (-0.078, 0.217, 0.195, ["home_improvement"]),
    "durables": (-0.192, 0.127, 0.104, ["electronics", "furniture", "home_improvement", "hobby_books"]),
    "in-person services": (-0.659, -0.343, -0.288, ["restaurants", "fast_food", "hotels", "recreation", "cinema_arts", "airlines",
                                                    "ride_and_taxi", "local_transit", "parking_tolls", "doctors", "personal_care"]),
    "remote services": (-0.231, -0.024, 0.094, ["digital_goods", "education"]),
}  # fmt: skip
"""Trough, end of June 2020, 1 December 2020, of card spending against January 2020, and the categories that stand for it here: Opportunity
Insights Economic Tracker, data of Affinity Solutions, seven-day means (Chetty, Friedman, Hendren, Stepner and the OI team)."""
