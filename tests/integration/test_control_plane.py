"""The local control plane is a real one, and leaves nothing behind."""

from dev.control_plane import ControlPlane


def test_it_serves_the_custom_resource(control_plane: ControlPlane, namespace: str) -> None:
    assert control_plane.kubectl("get", "crontasks", "--namespace", namespace, "-o", "name") == ""
