-- Ten hosts that a client invents do not push out the one that customers use.

COMMENT ON TABLE otalink.foreign_host IS 'Hosts that are not ours under which customers'' pages were asked for; the twenty with the most requests lately.';
