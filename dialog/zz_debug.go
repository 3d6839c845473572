package dialog
import ("fmt";"os")
func dbg(a ...any) { fmt.Fprintln(os.Stderr, a...) }
