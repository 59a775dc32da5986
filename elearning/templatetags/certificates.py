"""What a page of another context shows of a certificate: composed here, not imported there."""

from __future__ import annotations

from django import template

from apps.certification import queries

register = template.Library()


@register.simple_tag
def certificate_state(lecture_id: int, student_id: int) -> dict[str, str]:
    """``{% certificate_state lecture_id student_id as certificate %}``: its code and status.

    Both are empty while the certificate is being issued. One query.
    """
    own = queries.visible_certificates(viewer_id=student_id, viewer_is_staff=False)
    newest = own.filter(lecture_id=lecture_id).values_list("code", "status").first()
    code, status = newest or ("", "")
    return {"code": code, "status": status}
