"""The look of the desk, the admin."""

from elearning.settings.environment import SCHOOL_NAME

UNFOLD = {
    "SITE_TITLE": SCHOOL_NAME,
    "SITE_HEADER": SCHOOL_NAME,
    "SITE_URL": "/",
    "SITE_ICON": "elearning.desk.find_icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "elearning.desk.find_icon"}],
    "STYLES": ["elearning.desk.find_style"],
    "SCRIPTS": ["elearning.desk.find_script"],
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "elearning.desk.show_dashboard",
    "SIDEBAR": {"show_search": False, "navigation": "elearning.desk.list_menu"},
    "COLORS": {
        "primary": {
            "50": "#eff4ff", "100": "#e0e9fe", "200": "#c7d7fd", "300": "#9dbaff",
            "400": "#6b93f8", "500": "#4070ef", "600": "#1d4ed8", "700": "#1b3fae",
            "800": "#1d3588", "900": "#1c2f6b", "950": "#131e45",
        }
    },
}  # fmt: skip
