"""Axes with words go in; those words come out, also where a notebook shows the figure."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def alt_text(drawn: Axes | Figure) -> str:
    """Return in words what a plot of this package shows, for those who cannot see it.

    The figures that plots make have it in notebooks. Files can carry it:
    ``figure.savefig("sizes.png", metadata={"Description": alt_text(figure)})``.

    >>> ax = Figure().subplots()
    >>> ax.set_label("Sizes: gold 40.")
    >>> alt_text(ax)
    'Sizes: gold 40.'
    """
    several = [drawn] if isinstance(drawn, Axes) else drawn.axes
    return " ".join(text for ax in several if (text := str(ax.get_label())))


class DescribedFigure(Figure):
    """A figure that notebooks show together with its words.

    Front ends read no words to a picture alone, but those of an image in HTML.
    """

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        words = alt_text(self)
        if not words:
            return {}
        picture, size = _picture(self)
        if picture is None:
            return {"text/plain": words}
        width = f"{size['width']}px" if "width" in size else "auto"
        html = Markup(
            '<img alt="{}" src="data:image/png;base64,{}" style="width:{};max-width:100%">'
        )
        return {"text/plain": words, "text/html": html.format(words, picture, width)}


def _picture(figure: Figure) -> tuple[str | None, Mapping[str, int]]:
    """Return a PNG as the user has configured it, in base 64, and how large to show it."""
    # A script that draws into files has no notebook, and need not load what makes one.
    from IPython.core.getipython import get_ipython  # noqa: PLC0415

    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        return None, {}
    drawn = shell.display_formatter.formatters["image/png"](figure)
    return drawn if isinstance(drawn, tuple) else (drawn, {})
