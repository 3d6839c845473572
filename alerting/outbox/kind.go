package outbox

// kind is one kind of destination: a line here, a file and its test are all
// that another one takes.
type kind struct {
	name  string // as the configuration says it
	about string // one line
	make  func(d *draft) Destination
}

// kinds lists them in the order of the documentation.
var kinds = []kind{}
