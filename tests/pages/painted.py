"""A figure as plotly sees it once the browser has put the theme's colours in."""

from pages.components.figures import style


def painted(value):
    """The figure as the browser resolves it: any colour will do in place of a token."""
    if isinstance(value, str):
        return "#123456" if value in style.TOKENS else value
    if isinstance(value, dict):
        return {name: painted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [painted(item) for item in value]
    return value
