// Package dialog correlates SIP dialogs, calls and their media.
package dialog
