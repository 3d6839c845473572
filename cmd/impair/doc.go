// Command impair relays Ethernet frames between two interfaces and does to
// chosen flows what a bad network does: it loses, bursts, repeats, reorders,
// delays and throttles them, and says afterwards exactly what it did.
//
// It stands between two hosts, or two network namespaces, like a patch cable
// with a fault. What it did to each flow goes to a truth file, with which a
// measurement made behind it can be compared.
package main
