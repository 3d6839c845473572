package main

import (
	"fmt"

	"earshot/store"
)

// storeConfig is where finished calls and streams are kept to be found again.
type storeConfig struct {
	Dir       word   `yaml:"dir"`
	Days      number `yaml:"days"`
	TotalMB   number `yaml:"total_mb"`
	MinFreeMB number `yaml:"min_free_mb"`
	Queue     number `yaml:"queue"`
}

// What holds where the configuration of the store says nothing. The store has
// several times the room of the capture files: it is what is asked for last.
const (
	presetStoreDays  = 90
	mostStoreDays    = 1096 // 36 months
	presetStoreMB    = 20_480
	presetStoreQueue = 16_384
	largestQueue     = 1_000_000
)

func (s *storeConfig) bounds() []bound {
	return []bound{
		{"store.days", &s.Days, 1, mostStoreDays, presetStoreDays, true},
		{"store.total_mb", &s.TotalMB, 1, mostMB, presetStoreMB, true},
		{"store.min_free_mb", &s.MinFreeMB, 1, mostMB, presetMinFreeMB, true},
		{"store.queue", &s.Queue, 1, largestQueue, presetStoreQueue, true},
	}
}

// store says where records are kept; its Dir is empty where they are not.
func (c *config) store() store.Config {
	s := &c.Store
	return store.Config{
		Dir:        c.path(s.Dir.text),
		Days:       int(s.Days.or(presetStoreDays)),
		TotalBytes: int64(s.TotalMB.or(presetStoreMB)) * mebibyte,
		MinFree:    int64(s.MinFreeMB.or(presetMinFreeMB)) * mebibyte,
	}
}

// describeStore is the store's line of "earshot check".
func (c *config) describeStore() string {
	s := c.store()
	return fmt.Sprintf("store\t%s\t%d days, %d MiB in all\n", s.Dir, s.Days, s.TotalBytes/mebibyte)
}
