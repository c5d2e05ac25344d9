"""One's own weights for a known network: a file of torch.save(network.state_dict(), file)."""

from pathlib import Path

from labelnoise.features import lite0_network, networks, torchvision_networks, weights
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine

KEY = "features: state_dict"


def encoder(section, of: Pictures, machine: Machine) -> Encoder:
    """[B, D]: the input of the network's last layer; where that has positions, their mean."""
    content = weights.checked(Path(section.file).expanduser(), section.sha256, f"{KEY}: file")
    where = f"{KEY}: {section.file}"
    if section.network == "efficientnet_lite0":
        network = lite0_network.folded(weights.load(lite0_network.Lite0(), "_fc", content, where))
    else:
        name = section.network.removeprefix(torchvision_networks.PREFIX)
        made = torchvision_networks.built(name, f"{KEY}: network")
        network = torchvision_networks.headless(made, content, where)
    networks.check_size(network, section.size, where)
    network = network.to(machine.device)
    return networks.encoder(network, section.size, section.mean or networks.MEAN, section.std or networks.STD)
