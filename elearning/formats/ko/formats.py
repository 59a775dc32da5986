"""Dates and times as Korean readers write them; Django's own puts the half of the day last."""

DATETIME_FORMAT = "Y년 n월 j일 A g:i"
TIME_FORMAT = "A g:i"
