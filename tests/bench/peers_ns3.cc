/* The traffic of peers.py in ns-3: callers on one node, a router, a server, joined by two links. ns-3 is written in C++ and so is what uses it: this
 * program is a peer to measure against, no part of pktpath, which is C. It is compiled by peers.py alone, where Debian's libns3-dev is installed.
 *
 * Usage: peers_ns3 CALLERS ROUNDS BYTES [PREFIX]    with PREFIX both of the router's devices write captures, PREFIX-1-1.pcap and PREFIX-1-2.pcap
 *
 * The router forwards and does not translate: ns-3 has no NAT. Prints what was sent, answered and received, and how many events ns-3 had. */
#include <cstdlib>
#include <iostream>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <string>
#include <vector>

namespace
{

constexpr uint16_t port = 5000;

struct counts {
	uint64_t sent = 0, answered = 0, received = 0;
};

/* One caller: sends again once it is answered, as often as it has rounds. */
class caller
{
      public:
	caller(ns3::Ptr<ns3::Node> node, ns3::Address server, uint32_t rounds, uint32_t bytes, counts &all)
	    : socket(ns3::Socket::CreateSocket(node, ns3::UdpSocketFactory::GetTypeId())), left(rounds), bytes(bytes),
	      all(all)
	{
		socket->Bind();
		socket->Connect(server);
		socket->SetRecvCallback(ns3::MakeCallback(&caller::heard, this));
	}
	void send()
	{
		left--;
		all.sent += socket->Send(ns3::Create<ns3::Packet>(bytes)) == static_cast<int>(bytes);
	}

      private:
	void heard(ns3::Ptr<ns3::Socket> from)
	{
		while (ns3::Ptr<ns3::Packet> packet = from->Recv()) {
			all.received += packet->GetSize() == bytes;
			if (left > 0)
				send();
		}
	}
	ns3::Ptr<ns3::Socket> socket;
	uint32_t left, bytes;
	counts &all;
};

class server
{
      public:
	server(ns3::Ptr<ns3::Node> node, counts &all)
	    : socket(ns3::Socket::CreateSocket(node, ns3::UdpSocketFactory::GetTypeId())), all(all)
	{
		socket->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
		socket->SetRecvCallback(ns3::MakeCallback(&server::heard, this));
	}

      private:
	void heard(ns3::Ptr<ns3::Socket> at)
	{
		ns3::Address from;
		while (ns3::Ptr<ns3::Packet> packet = at->RecvFrom(from)) {
			uint32_t bytes = packet->GetSize();
			all.answered += at->SendTo(ns3::Create<ns3::Packet>(bytes), 0, from) == static_cast<int>(bytes);
		}
	}
	ns3::Ptr<ns3::Socket> socket;
	counts &all;
};

} // namespace

int main(int argc, char **argv)
{
	if (argc < 4) {
		std::cerr << "usage: peers_ns3 CALLERS ROUNDS BYTES [PREFIX]\n";
		return 2;
	}
	uint32_t n_callers = std::strtoul(argv[1], nullptr, 10), rounds = std::strtoul(argv[2], nullptr, 10);
	uint32_t bytes = std::strtoul(argv[3], nullptr, 10);

	ns3::NodeContainer nodes(3); // caller, router, server
	ns3::InternetStackHelper().Install(nodes);
	ns3::PointToPointHelper link;
	link.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
	link.SetChannelAttribute("Delay", ns3::StringValue("5ms"));
	ns3::NetDeviceContainer inside = link.Install(nodes.Get(0), nodes.Get(1));
	ns3::NetDeviceContainer outside = link.Install(nodes.Get(1), nodes.Get(2));
	ns3::Ipv4AddressHelper("192.168.1.0", "255.255.255.0").Assign(inside);
	ns3::Ipv4InterfaceContainer far = ns3::Ipv4AddressHelper("203.0.113.0", "255.255.255.0").Assign(outside);
	ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
	if (argc > 4) {
		link.EnablePcap(argv[4], inside.Get(1), false);
		link.EnablePcap(argv[4], outside.Get(0), false);
	}

	counts all;
	server listening(nodes.Get(2), all);
	std::vector<caller *> callers; // until the end of the program: sockets know them
	for (uint32_t i = 0; i < n_callers; i++) {
		callers.push_back(
			new caller(nodes.Get(0), ns3::InetSocketAddress(far.GetAddress(1), port), rounds, bytes, all));
		ns3::Simulator::Schedule(ns3::MicroSeconds(i), &caller::send, callers.back());
	}
	ns3::Simulator::Run();
	std::cout << "sent " << all.sent << " answered " << all.answered << " received " << all.received << " events "
		  << ns3::Simulator::GetEventCount() << "\n";
	ns3::Simulator::Destroy();
	for (caller *each : callers)
		delete each;
	return 0;
}
