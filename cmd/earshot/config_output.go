package main

// webConfig is the listener for metrics, the API and the page.
type webConfig struct {
	Listen     word `yaml:"listen"`
	TLSCert    word `yaml:"tls_cert"`
	TLSKey     word `yaml:"tls_key"`
	UsersFile  word `yaml:"users_file"`
	TokensFile word `yaml:"tokens_file"`
	TokenEnv   word `yaml:"token_env"`
	Insecure   bool `yaml:"insecure"`
}

// metricsConfig bounds the metrics and says where to push them.
type metricsConfig struct {
	MaxSeries number     `yaml:"max_series"`
	Push      pushConfig `yaml:"push"`
}

// pushConfig is a VictoriaMetrics that metrics are pushed to.
type pushConfig struct {
	URL         word            `yaml:"url"`
	IntervalS   number          `yaml:"interval_s"`
	Labels      map[string]word `yaml:"labels"`
	HeadersFile word            `yaml:"headers_file"`
	UserFile    word            `yaml:"user_file"`
	TokenFile   word            `yaml:"token_file"`
}

// saveConfig is what is kept of packets.
type saveConfig struct {
	MemoryMB  number `yaml:"memory_mb"`
	MemoryRTP word   `yaml:"memory_rtp"`
	Dir       word   `yaml:"dir"`
	RTP       word   `yaml:"rtp"`
	FileMB    number `yaml:"file_mb"`
	TotalMB   number `yaml:"total_mb"`
	MinFreeMB number `yaml:"min_free_mb"`
}

// recordsConfig is where finished records are written as JSON lines.
type recordsConfig struct {
	File      word   `yaml:"file"`
	Intervals bool   `yaml:"intervals"`
	FileMB    number `yaml:"file_mb"`
	Files     number `yaml:"files"`
}

// logConfig is how the probe tells what happens.
type logConfig struct {
	Level  word `yaml:"level"`
	Format word `yaml:"format"`
}
