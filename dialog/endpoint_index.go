package dialog

import "slices"

// maxSharers bounds how many holders one key of an index may have: a load
// generator that announces one port in every call must not make a lookup slow.
const maxSharers = 64

// index finds the holders of an address or an SSRC, in the order in which they
// came. A key beyond its limit forgets its oldest holder.
type index[K, V comparable] struct {
	at        map[K][]V
	forgotten uint64
}

func newIndex[K, V comparable]() index[K, V] { return index[K, V]{at: make(map[K][]V)} }

func (x *index[K, V]) get(k K) []V { return x.at[k] }

func (x *index[K, V]) add(k K, v V) {
	list := x.at[k]
	if slices.Contains(list, v) {
		return
	}
	if len(list) == maxSharers {
		list = slices.Delete(list, 0, 1)
		x.forgotten++
	}
	x.at[k] = append(list, v)
}

func (x *index[K, V]) remove(k K, v V) {
	list := x.at[k]
	i := slices.Index(list, v)
	if i < 0 {
		return
	}
	if len(list) == 1 {
		delete(x.at, k)
		return
	}
	x.at[k] = slices.Delete(list, i, i+1)
}
