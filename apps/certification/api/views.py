"""One's own certificates, and all of them for staff."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.certification import queries
from apps.certification.api import docs
from apps.certification.api.serializers import CertificateQuery, CertificateSerializer
from apps.certification.models import Certificate
from apps.refusals import NotFound
from apps.rights import staff_may
from apps.strict import read_query, viewer_id
from foundation.api.preconditions import tagged


class CertificateListView(GenericAPIView):
    filter_backends = []
    serializer_class = CertificateSerializer

    @docs.list_certificates
    def get(self, request: Request) -> Response:
        filters = read_query(CertificateQuery, request)
        certificates = self.paginate_queryset(_visible(request).filter(**filters))
        return self.get_paginated_response(CertificateSerializer(certificates, many=True).data)


class CertificateView(GenericAPIView):
    serializer_class = CertificateSerializer

    @docs.show_certificate
    def get(self, request: Request, certificate_id: int) -> Response:
        certificate = _visible(request).filter(pk=certificate_id).first()
        if certificate is None:
            raise NotFound(_("There is no such certificate."))
        return tagged(CertificateSerializer(certificate).data)


def _visible(request: Request) -> QuerySet[Certificate]:
    sees_all = staff_may(request.user, "certification.view_certificate")
    return queries.visible_certificates(viewer_id=viewer_id(request), viewer_is_staff=sees_all)
