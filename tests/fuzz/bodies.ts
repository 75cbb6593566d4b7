/** What statistics of each source of counters look like, in every form that it reads. Shortened from real answers. */
export const BODIES: Readonly<Record<string, readonly string[]>> = {
  "haproxy-stats": [
    `Name: HAProxy
Version: 2.6.12
Start_time_sec: 1764000000
node: edge-1
SslCacheLookups: 12
SslCacheMisses: 3

# pxname,svname,qcur,scur,stot,ssl_sess,ssl_reused_sess,ssl_failed_handshake,
https,FRONTEND,,3,1200,1200,800,7,
https,s1,0,1,600,,,,
"a,""b",FRONTEND,,0,1,1,0,0,
`,
    `[[{"objType":"Frontend","field":{"pos":0,"name":"pxname"},"value":{"type":"str","value":"https"}},{"field":{"name":"svname"},"value":{"value":"FRONTEND"}},{"field":{"name":"ssl_sess"},"value":{"type":"u64","value":1200}},{"field":{"name":"ssl_reused_sess"},"value":{"value":800}},{"field":{"name":"ssl_failed_handshake"},"value":{"value":7}}]]`,
    `[{"field":{"pos":0,"name":"Name"},"value":{"value":"HAProxy"}},{"field":{"name":"SslCacheLookups"},"value":{"value":12}},{"field":{"name":"SslCacheMisses"},"value":{"value":3}},{"field":{"name":"Start_time_sec"},"value":{"value":1764000000}}]`,
    `# HELP haproxy_process_start_time_seconds Start time in seconds.
# TYPE haproxy_process_start_time_seconds gauge
haproxy_process_start_time_seconds 1764000000
haproxy_process_ssl_cache_lookups_total 12
haproxy_process_ssl_cache_misses_total 3
haproxy_frontend_ssl_sess_total{proxy="https",instance="edge-1:8404"} 1200
haproxy_frontend_ssl_reused_sess_total{proxy="https",instance="edge-1:8404"} 800 1764000000123
haproxy_frontend_ssl_failed_handshake_total{proxy="https \\" \\\\ \\n",instance="[::1]:8404"} 7
`,
  ],
  "nginx-plus": [
    `{"handshakes":79572,"handshakes_failed":21025,"session_reuses":15762,"no_common_protocol":4}`,
    `{"shop.example":{"processing":1,"requests":9,"ssl":{"handshakes":100,"session_reuses":40,"handshakes_failed":3}},"api.example":{"ssl":{"handshakes":0,"session_reuses":0,"handshakes_failed":0}},"plain":{"requests":2}}`,
    `nginxplus_ssl_handshakes 100
nginxplus_ssl_handshakes_failed 3
nginxplus_ssl_session_reuses 40
nginxplus_server_ssl_handshakes{server_zone="shop.example"} 100
nginxplus_server_ssl_handshakes_failed{server_zone="shop.example"} 3
nginxplus_server_ssl_session_reuses{server_zone="shop.example"} 40
`,
  ],
  "envoy-stats": [
    `{"stats":[{"name":"listener.0.0.0.0_8443.ssl.handshake","value":120},{"name":"listener.0.0.0.0_8443.ssl.session_reused","value":80},{"name":"listener.0.0.0.0_8443.ssl.connection_error","value":2},{"name":"listener.0.0.0.0_8443.ssl.fail_verify_no_cert","value":0},{"histograms":{}}]}`,
    "listener.0.0.0.0_8443.ssl.handshake: 120\nlistener.0.0.0.0_8443.ssl.session_reused: 80\nlistener.0.0.0.0_8443.ssl.connection_error: 2\n",
    `# TYPE envoy_listener_ssl_handshake counter
envoy_listener_ssl_handshake{envoy_listener_address="0.0.0.0_8443"} 120
envoy_listener_ssl_session_reused{envoy_listener_address="0.0.0.0_8443"} 80
envoy_listener_ssl_connection_error{envoy_listener_address="0.0.0.0_8443"} 2
`,
  ],
  "grpc-otel": [
    `# TYPE grpc_server_tls_handshakes_total counter
grpc_server_tls_handshakes_total{grpc_tls_handshake_result="SUCCESS",grpc_tls_handshake_resumed="true"} 10
grpc_server_tls_handshakes_total{grpc_tls_handshake_result="SUCCESS",grpc_tls_handshake_resumed="false"} 4
grpc_client_tls_handshakes_total{grpc_target="dns:///shop",grpc_tls_handshake_result="SUCCESS"} 5
grpc_client_tls_handshakes_total{grpc_target="dns:///shop",grpc_tls_handshake_result="UNKNOWN_CA"} 1
`,
  ],
  "ats-stats": [
    `{"global":{"proxy.process.ssl.total_success_handshake_count_in":"120","proxy.process.ssl.total_tickets_created":"60","proxy.process.ssl.total_tickets_verified":"40","proxy.process.ssl.total_tickets_not_found":"2","proxy.process.ssl.ssl_session_cache_hit":"30","proxy.process.ssl.ssl_session_cache_miss":"5","proxy.process.ssl.ssl_session_cache_new_session":"20","proxy.process.ssl.ssl_session_cache_eviction":"0","proxy.process.ssl.user_agent_sessions":"70","proxy.process.ssl.user_agent_session_hit":"70","server":"9.2.5"}}`,
    `# TYPE proxy_process_ssl_total_success_handshake_count_in counter
proxy_process_ssl_total_success_handshake_count_in 120
proxy_process_ssl_total_tickets_verified 40
proxy_process_ssl_ssl_session_cache_hit 30
proxy_process_ssl_ssl_session_cache_miss 5
`,
    "proxy.process.ssl.total_success_handshake_count_in 120\nproxy.process.ssl.ssl_session_cache_hit 30\n",
  ],
  "apache-status": [
    "127.0.0.1\nServerVersion: Apache/2.4.68\nTotal Accesses: 12\nCacheType: SHMCB\nCacheSharedMemory: 512000\nCacheCurrentEntries: 17\nCacheSubcaches: 32\nCacheStoreCount: 20\nCacheReplaceCount: 0\nCacheExpireCount: 1\nCacheDiscardCount: 0\nCacheRetrieveHitCount: 31\nCacheRetrieveMissCount: 4\nCacheRemoveHitCount: 0\n",
  ],
  "h2o-status": [
    `{"server-version":"2.3.0","current-time":"25/Nov/2026:22:42:40 +0000","restart-time":"24/Nov/2026:20:00:00 +0000","uptime":12,"ssl.errors":1,"ssl.alpn.h2":3,"ssl.handshake.full":100,"ssl.handshake.resume":40,"ssl.handshake.accumulated-time.full":12345,"ssl.handshake.accumulated-time.resume":12}`,
  ],
  redis: [
    "$4000\r\n# Server\r\nredis_version:7.0.15\r\nrun_id:0123\r\nuptime_in_seconds:100\r\n\r\n# Stats\r\nkeyspace_hits:120\r\nkeyspace_misses:7\r\nevicted_keys:0\r\nexpired_keys:3\r\n\r\n# Keyspace\r\ndb0:keys=12,expires=12,avg_ttl=1000\r\ndb1:keys=1,expires=0,avg_ttl=0\r\n+OK\r\n",
    "-NOAUTH Authentication required.\r\n",
  ],
  memcached: [
    "STAT pid 1\r\nSTAT uptime 100\r\nSTAT get_hits 120\r\nSTAT get_misses 7\r\nSTAT cmd_set 50\r\nSTAT evictions 0\r\nSTAT curr_items 40\r\nSTAT limit_maxbytes 67108864\r\nEND\r\n",
  ],
};
