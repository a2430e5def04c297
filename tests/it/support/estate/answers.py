"""Responses in AWS's wire format, from values in the names of boto3."""

from datetime import datetime
from xml.sax.saxutils import escape

from botocore.session import get_session

from .base import EC2

SESSION = get_session()
CONTROL = "http://awss3control.amazonaws.com/doc/2018-08-20/"


def response(operation, values):
    """A response of EC2."""
    shape = SESSION.get_service_model("ec2").operation_model(operation).output_shape
    return f'<{operation}Response xmlns="{EC2}">{members(shape, values)}</{operation}Response>'


def control_response(operation, values):
    """A response of S3 Control."""
    shape = SESSION.get_service_model("s3control").operation_model(operation).output_shape
    return f'<{shape.name} xmlns="{CONTROL}">{members(shape, values)}</{shape.name}>'


def members(shape, values):
    unknown = set(values) - set(shape.members)
    assert not unknown, f"{shape.name} has no {unknown}"
    return "".join(
        element(member.serialization.get("name", name), member, values[name])
        for name, member in shape.members.items()
        if values.get(name) is not None
    )


def element(tag, shape, value):
    if shape.type_name == "structure":
        content = members(shape, value)
    elif shape.type_name == "list":
        content = "".join(element(shape.member.serialization.get("name", "item"), shape.member, item) for item in value)
    elif isinstance(value, bool):
        content = "true" if value else "false"
    elif isinstance(value, datetime):
        content = value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    else:
        content = escape(str(value))
    return f"<{tag}>{content}</{tag}>"
