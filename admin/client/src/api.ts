// Made by `npm run types` from ../openapi.json. Not edited by hand.

export interface paths {
    "/admin/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Alerts
         * @description Alerts: what fires first, the worst of it first, then the newest.
         */
        get: operations["getAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/alerts/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Post Webhook
         * @description What Alertmanager tells: its webhook, version 4; answered once it is on the disk.
         */
        post: operations["postAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Assets
         * @description All assets: what they are, what is asked of them, what they do and hold.
         */
        get: operations["getAssets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reload
         * @description Reads the registry anew; where it is wrong, the old one holds.
         */
        post: operations["reloadAssets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/{asset_id}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold
         * @description Uses an asset for a while: nobody stops it meanwhile, but with force.
         */
        post: operations["holdAsset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/{asset_id}/holds/{hold_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Release
         * @description Ends a hold before its time.
         */
        delete: operations["releaseAsset"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/{asset_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start
         * @description Brings an asset up with all that it needs; 409 with what would help where memory is short.
         */
        post: operations["startAsset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/{asset_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Status
         * @description One asset.
         */
        get: operations["getAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/assets/{asset_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop
         * @description Takes an asset down; 409 that names dependents, jobs and holds that are in the way.
         */
        post: operations["stopAsset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Audit
         * @description Who asked what of which target, when, from where, and how it ended; newest first.
         */
        get: operations["getAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Doctor
         * @description What works here, what is missing and what to do; five seconds at most.
         */
        get: operations["getDoctor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel
         * @description Asks the run to end at its next step boundary, without a checkpoint.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Checkpoint
         * @description Asks for a checkpoint, and for the end of the run after it where `then` is cancel.
         */
        post: operations["saveCheckpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause
         * @description Asks the run to wait at its next step boundary.
         */
        post: operations["pauseJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume
         * @description Asks a paused run to go on.
         */
        post: operations["resumeJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Links
         * @description Where Grafana and a trace are seen. Who is bound to an owner or a job is let in at neither.
         */
        get: operations["getLinks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs/download/{service}/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download
         * @description The last lines of a log, or all of them with its rotated files.
         */
        get: operations["downloadLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search
         * @description Lines of all logs and their rotated files, newest first: one JSON object a line.
         */
        get: operations["searchLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Services
         * @description Whatever writes logs.
         */
        get: operations["getLogServices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs/sources/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Sources
         * @description The logs of a service, best first.
         */
        get: operations["getLogSources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Metrics
         * @description What a host is doing now: the first source of the settings, unless another one is named.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/notify/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Post Test
         * @description Sends one message to the receiver of `[notify]` now; 502 with the reason where it is not taken.
         */
        post: operations["testNotify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Operations, newest first */
        get: operations["getOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/operations/{operation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One operation */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/operations/{operation_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an operation back before it is taken up */
        post: operations["cancelOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Settings
         * @description Every setting as it stands, the file it came from and the state folder; passwords are left out.
         */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tokens
         * @description Every token, newest first; never its secret.
         */
        get: operations["getTokens"];
        put?: never;
        /**
         * Create Token
         * @description Makes a token; its secret is in this answer and nowhere else.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Token
         * @description Ends a token with all that came of it; of the state folder's own ones a new one takes its place.
         */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/embed-ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Embed Ticket
         * @description A ticket for a page elsewhere that shows one job or one owner's jobs; reading only.
         */
        post: operations["makeEmbedTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Login
         * @description Signs in: a login code or a token opens a session (cookie), an embed's ticket becomes a bearer token.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login-code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Login Code
         * @description A code for a login link that opens a session of the token that asks; a session cannot ask for one.
         */
        post: operations["makeLoginCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Logout
         * @description Ends this session and the streams it opened; a token stays valid.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Me
         * @description Name, roles and owner of whoever asks.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify
         * @description For a reverse proxy in front of Grafana: who asks, as headers. Refuses what is bound to an owner.
         */
        get: operations["verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/ws-ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ws Ticket
         * @description A ticket for one WebSocket: 30 s, single use; sent as `Sec-WebSocket-Protocol: mixdesk.v1, ticket.T`.
         */
        post: operations["makeStreamTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Healthz
         * @description The process answers.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Jobs
         * @description Jobs, newest first.
         */
        get: operations["getJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/desired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Desired
         * @description A long poll for all jobs of a process, each as ID:GENERATION; answered once one is newer.
         */
        get: operations["getDesired"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Job
         * @description One job.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description A final job leaves the desk; its files stay.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get History
         * @description Transitions, phases with times, all checkpoints, scores, at most 300 points a number.
         */
        get: operations["getJobHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Report
         * @description The newest report of a job, for the process that takes it over.
         */
        get: operations["getReport"];
        /**
         * Report on a job
         * @description The whole state of a job, from its trainer; the answer says what is desired of it.
         */
        put: operations["putReport"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics
         * @description Prometheus text 0.0.4 or OpenMetrics 1.0, as the scraper asks.
         */
        get: operations["scrape"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readyz
         * @description The database can be written.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AlertInfo
         * @description One alert. Names and texts are as Prometheus told them: show them as text.
         */
        AlertInfo: {
            /** Annotations */
            annotations: {
                [key: string]: string;
            };
            /** Component */
            component: string | null;
            /** Description */
            description: string | null;
            /** Ends At */
            ends_at: string | null;
            /** Fingerprint */
            fingerprint: string;
            /** Heard At */
            heard_at: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Name */
            name: string;
            /** Runbook */
            runbook: string | null;
            /** Severity */
            severity: string | null;
            /** Source */
            source: string | null;
            /** Starts At */
            starts_at: string;
            /**
             * State
             * @enum {string}
             */
            state: "firing" | "stale" | "resolved";
            /** Summary */
            summary: string | null;
        };
        /**
         * AlertList
         * @description One page; `firing` counts all that fire, whatever the filters. `alertmanager` is null while nothing ever came.
         */
        AlertList: {
            alertmanager: components["schemas"]["AlertmanagerInfo"] | null;
            /** Firing */
            firing: number;
            /** Items */
            items: components["schemas"]["AlertInfo"][];
            /** Next */
            next?: string | null;
        };
        /**
         * AlertmanagerInfo
         * @description Whether Alertmanager is heard; `silent`: its watchdog was, and is not any more.
         */
        AlertmanagerInfo: {
            /** Last Heard At */
            last_heard_at: string;
            /** Silent */
            silent: boolean;
            /** Watchdog At */
            watchdog_at: string | null;
        };
        /**
         * ArtifactItem
         * @description One output.
         */
        ArtifactItem: {
            /** Path */
            path: string;
            /** Type */
            type: string;
            /** Url */
            url: string | null;
        };
        /**
         * AskedAnswer
         * @description A request that holds: the generation of what is asked, and the operation that does it.
         */
        AskedAnswer: {
            /** Generation */
            generation: number;
            /** Operation */
            operation: string;
        };
        /**
         * AssetInfo
         * @description One asset. `desired` is what was asked last, `status` what is seen; `drift` says how they differ.
         */
        AssetInfo: {
            /** Container */
            container?: string | null;
            /** Dependencies */
            dependencies: string[];
            /** Desired */
            desired: ("running" | "stopped") | null;
            /** Detach */
            detach: boolean;
            /** Drift */
            drift: ("crashed" | "stopped elsewhere" | "started elsewhere") | null;
            /** Driver */
            driver: string;
            /** Error */
            error: string | null;
            /** Evictable */
            evictable: boolean;
            /** Generation */
            generation: number;
            /** Gpus */
            gpus: (number | string)[];
            /** Holds */
            holds: components["schemas"]["HoldInfo"][];
            /** Id */
            id: string;
            metrics: components["schemas"]["AssetMetrics"];
            /** Name */
            name: string;
            /** Operation */
            operation: string | null;
            /** Process Name */
            process_name?: string | null;
            /**
             * Resource Type
             * @enum {string}
             */
            resource_type: "cpu" | "gpu" | "ram";
            /** Revision */
            revision: number;
            /**
             * Status
             * @enum {string}
             */
            status: "running" | "stopped" | "loading" | "error";
            /**
             * Type
             * @enum {string}
             */
            type: "model" | "service" | "component";
            usage: components["schemas"]["AssetUsage"];
            /** Vram Declared Mb */
            vram_declared_mb: number | null;
            /** Vram Peak Mb */
            vram_peak_mb: number | null;
        };
        /**
         * AssetList
         * @description All assets, in the order of the registry.
         */
        AssetList: {
            /** Items */
            items: components["schemas"]["AssetInfo"][];
            /** Next */
            next: string | null;
        };
        /**
         * AssetMetrics
         * @description What it uses now, as far as that is known: MiB of RAM and of all GPUs together, percent of one core.
         */
        AssetMetrics: {
            /** Cpu Percent */
            cpu_percent?: number | null;
            /** Ram Usage Mb */
            ram_usage_mb?: number | null;
            /** Vram Usage Mb */
            vram_usage_mb?: number | null;
        };
        /**
         * AssetRefusal
         * @description Why a start or a stop cannot be granted as things are. What is named beside `detail` depends on the reason.
         *
         *     A start that lacks memory names who holds it, and in `stop` whose stop would make room (null: nobody's); a stop
         *     names the dependents, jobs or holds that are in the way.
         */
        AssetRefusal: {
            /** Dependents */
            dependents?: string[];
            /** Detail */
            detail: string;
            /** Holders */
            holders?: components["schemas"]["Holder"][];
            /** Holds */
            holds?: components["schemas"]["HeldAsset"][];
            /** Jobs */
            jobs?: string[];
            /** Status */
            status: number;
            /** Stop */
            stop?: string[] | null;
            /** Title */
            title: string;
            /** Type */
            type: string;
        };
        /**
         * AssetUsage
         * @description More of what it uses. `exit_code` is that of the last run, negative for a signal.
         */
        AssetUsage: {
            /** Exit Code */
            exit_code: number | null;
            /** Jobs */
            jobs: string[];
            /** Oom Killed */
            oom_killed: boolean;
            /** Restarts */
            restarts: number;
            /** Started At */
            started_at: string | null;
            /** Uptime S */
            uptime_s: number | null;
            /** Vram */
            vram: components["schemas"]["CardUse"][];
        };
        /**
         * AuditLine
         * @description One line: `outcome` is accepted while an operation runs, then what became of it.
         */
        AuditLine: {
            /** Action */
            action: string;
            /** Actor */
            actor: string;
            /** At */
            at: string;
            /** Detail */
            detail: string | null;
            /** Id */
            id: number;
            /** Operation */
            operation: string | null;
            /** Origin */
            origin: string;
            /** Outcome */
            outcome: string;
            /** Target */
            target: string;
            /** Via */
            via: string;
        };
        /**
         * CardUse
         * @description One GPU, in MiB: held by its processes, promised to it, not come back from an earlier run.
         */
        CardUse: {
            /** Gpu */
            gpu: number | null;
            /** Leaked Mb */
            leaked_mb: number;
            /** Reserved Mb */
            reserved_mb: number;
            /** Used Mb */
            used_mb: number | null;
            /** Uuid */
            uuid: string;
        };
        /**
         * CheckpointRequest
         * @description What to do once the checkpoint is saved.
         */
        CheckpointRequest: {
            /**
             * Then
             * @default continue
             * @enum {string}
             */
            then: "continue" | "cancel";
        };
        /**
         * CheckpointWish
         * @description The checkpoint that was asked for last.
         */
        CheckpointWish: {
            /** Generation */
            generation: number;
            /**
             * Then
             * @enum {string}
             */
            then: "continue" | "cancel";
        };
        /**
         * CoreUsage
         * @description One core; percent 0 to 100 since the reading before.
         */
        CoreUsage: {
            /** Core */
            core: number;
            /** Usage Percent */
            usage_percent: number;
        };
        /**
         * CpuUsage
         * @description All cores together and each; the load averages of 1, 5 and 15 minutes.
         */
        CpuUsage: {
            /** Cores */
            cores: components["schemas"]["CoreUsage"][];
            /** Load Avg */
            load_avg: [
                number,
                number,
                number
            ];
            /** Usage Percent */
            usage_percent: number;
        };
        /**
         * CurrentStep
         * @description The phase to show.
         */
        CurrentStep: {
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Step Count */
            step_count: number;
            /** Step Index */
            step_index: number;
            /** Step Progress Percent */
            step_progress_percent: number;
        };
        /**
         * DesiredAnswer
         * @description The desired state of each job that was asked for and is known.
         */
        DesiredAnswer: {
            /** Jobs */
            jobs: {
                [key: string]: components["schemas"]["DesiredState"];
            };
        };
        /**
         * DesiredState
         * @description What people ask of a job.
         */
        DesiredState: {
            checkpoint: components["schemas"]["CheckpointWish"] | null;
            /** Generation */
            generation: number;
            run: components["schemas"]["RunWish"];
        };
        /**
         * DiskUsage
         * @description One mounted file system, in bytes.
         */
        DiskUsage: {
            /** Mount */
            mount: string;
            /** Total Bytes */
            total_bytes: number;
            /** Used Bytes */
            used_bytes: number;
        };
        /**
         * EmbedTicketBody
         * @description One job or one owner's jobs; `ttl` is how many seconds the ticket may be traded.
         */
        EmbedTicketBody: {
            /** Job */
            job?: string | null;
            /** Owner */
            owner?: string | null;
            /**
             * Ttl
             * @default 60
             */
            ttl: number;
        };
        /**
         * FindingInfo
         * @description What one check says and what to do.
         */
        FindingInfo: {
            /** Check */
            check: string;
            /** Found */
            found: string;
            /** Todo */
            todo: string | null;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "ok" | "absent" | "warning" | "broken";
        };
        /**
         * FindingList
         * @description Every check, in a fixed order.
         */
        FindingList: {
            /** Items */
            items: components["schemas"]["FindingInfo"][];
            /** Next */
            next?: null;
        };
        /**
         * GenerationJobDetails
         * @description Of the generating types.
         */
        GenerationJobDetails: {
            /**
             * Gpus
             * @description those that it holds memory of
             */
            gpus?: components["schemas"]["HeldGpu"][];
            /** Input File */
            input_file: string | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
            /** Phase */
            phase: string | null;
        };
        /**
         * GpuUsage
         * @description One device; null where its driver does not say. `_mb` are MiB; what is free is less than what is not used.
         */
        GpuUsage: {
            /** Index */
            index: number;
            /** Name */
            name: string;
            /** Temperature C */
            temperature_c: number | null;
            /** Utilization Percent */
            utilization_percent: number | null;
            /** Uuid */
            uuid: string;
            /** Vram Free Mb */
            vram_free_mb?: number | null;
            /** Vram Total Mb */
            vram_total_mb: number | null;
            /** Vram Used Mb */
            vram_used_mb: number | null;
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /**
         * Health
         * @description What a probe hears.
         */
        Health: {
            /** Status */
            status: string;
            /** Version */
            version: string;
        };
        /**
         * HeldAsset
         * @description A hold, and on which asset.
         */
        HeldAsset: {
            /** Actor */
            actor: string;
            /** Asset */
            asset: string;
            /** Expires At */
            expires_at: string;
            /** Id */
            id: string;
            /** Reason */
            reason: string | null;
        };
        /**
         * HeldGpu
         * @description What a job holds of one GPU; null where the driver does not say how much.
         */
        HeldGpu: {
            /**
             * Gpu
             * @description its number on the job's host
             */
            gpu: number;
            /**
             * Used Mb
             * @description MiB
             */
            used_mb: number | null;
            /** Uuid */
            uuid: string;
        };
        /**
         * HistoryPoint
         * @description One value of a number.
         */
        HistoryPoint: {
            /** At */
            at: string;
            /** Step */
            step: number;
            /** Value */
            value: number | ("NaN" | "Infinity" | "-Infinity");
        };
        /**
         * HoldInfo
         * @description Who uses the asset until when.
         */
        HoldInfo: {
            /** Actor */
            actor: string;
            /** Expires At */
            expires_at: string;
            /** Id */
            id: string;
            /** Reason */
            reason: string | null;
        };
        /**
         * HoldRequest
         * @description A hold for so many seconds; with the id of one that is there, that one is made longer.
         */
        HoldRequest: {
            /** Id */
            id?: string | null;
            /** Reason */
            reason?: string | null;
            /**
             * Ttl S
             * @default 60
             */
            ttl_s: number;
        };
        /**
         * Holder
         * @description Who holds memory of a GPU, in MiB; no asset: somebody else's processes.
         */
        Holder: {
            /** Asset */
            asset: string | null;
            /** Gpu */
            gpu: number | null;
            /** Jobs */
            jobs: string[];
            /** Leaked */
            leaked: boolean;
            /** Reserved Mb */
            reserved_mb: number;
            /** Used Mb */
            used_mb: number | null;
        };
        /**
         * ItemJobDetails
         * @description Of preprocess_audio and download_model.
         */
        ItemJobDetails: {
            /** Bytes Done */
            bytes_done: number;
            /** Bytes Total */
            bytes_total: number | null;
            /**
             * Gpus
             * @description those that it holds memory of
             */
            gpus?: components["schemas"]["HeldGpu"][];
            /** Items Done */
            items_done: number;
            /** Items Total */
            items_total: number | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
            /** Phase */
            phase: string | null;
        };
        /**
         * JobHistory
         * @description What happened to a job.
         */
        JobHistory: {
            /** Checkpoints */
            checkpoints: components["schemas"]["PastCheckpoint"][];
            /** Eta */
            eta: components["schemas"]["HistoryPoint"][];
            /** Job Id */
            job_id: string;
            /** Phases */
            phases: components["schemas"]["PastPhase"][];
            /** Points */
            points: {
                [key: string]: components["schemas"]["HistoryPoint"][];
            };
            /** Progress */
            progress: components["schemas"]["HistoryPoint"][];
            /** Scores */
            scores: {
                [key: string]: number;
            } | null;
            /** Transitions */
            transitions: components["schemas"]["StatusChange"][];
        };
        /**
         * JobList
         * @description One page, newest first.
         */
        JobList: {
            /** Items */
            items: components["schemas"]["JobProgress"][];
            /** Next */
            next: string | null;
        };
        /**
         * JobProgress
         * @description One job.
         */
        JobProgress: {
            /** Attempt */
            attempt: number;
            /** Checkpoints */
            checkpoints: components["schemas"]["SavedCheckpoint"][];
            /** Completed At */
            completed_at: string | null;
            /** Created At */
            created_at: string;
            current_step: components["schemas"]["CurrentStep"];
            desired: components["schemas"]["DesiredState"];
            /** Details */
            details: components["schemas"]["TrainingJobDetails"] | components["schemas"]["GenerationJobDetails"] | components["schemas"]["ItemJobDetails"] | components["schemas"]["OwnJobDetails"];
            /** Error */
            error: string | null;
            /** Eta High Seconds */
            eta_high_seconds: number | null;
            /** Eta Low Seconds */
            eta_low_seconds: number | null;
            /** Eta Seconds */
            eta_seconds: number | null;
            /** Host */
            host: string | null;
            /** Job Id */
            job_id: string;
            /** Job Type */
            job_type: string;
            /** Last Report At */
            last_report_at: string | null;
            /** Log Stream */
            log_stream: string | null;
            /** Lost */
            lost: boolean;
            /** Metrics */
            metrics: {
                [key: string]: components["schemas"]["LoggedNumber"];
            };
            /** Name */
            name: string | null;
            /** Owner */
            owner: string | null;
            /** Parent Id */
            parent_id: string | null;
            /** Phases */
            phases: components["schemas"]["PhaseProgress"][];
            /** Pid */
            pid: number | null;
            /** Progress Percent */
            progress_percent: number;
            /** Resuming */
            resuming: boolean;
            /** Revision */
            revision: number;
            /** Started At */
            started_at: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "starting" | "running" | "paused" | "finalizing" | "succeeded" | "failed" | "canceled";
            /** Steps Per Second */
            steps_per_second: number | null;
            /** Trace Id */
            trace_id: string | null;
            /** Version */
            version: string | null;
        };
        /**
         * Links
         * @description Addresses for browsers; null where the settings name none, or where this viewer is let in nowhere.
         */
        Links: {
            /**
             * Grafana
             * @description where Grafana begins, without a slash at its end
             */
            grafana: string | null;
            /**
             * Traces
             * @description the page of one trace: put its id in the place of {trace_id}
             */
            traces: string | null;
        };
        /**
         * LogServiceInfo
         * @description Whatever writes logs. `state` is the engine's word; `sources` says how many it has.
         */
        LogServiceInfo: {
            /** Container */
            container: string | null;
            /** Containers */
            containers: string[];
            /** Found In */
            found_in: string[];
            /** Notes */
            notes: string[];
            /** Readable */
            readable: number;
            /** Service */
            service: string;
            /** Sources */
            sources: number;
            /** State */
            state: string | null;
        };
        /**
         * LogSourceInfo
         * @description One log of a service. `path` is the service's own, or `stdout`; `why` explains its kind and rank.
         */
        LogSourceInfo: {
            /** Id */
            id: string;
            /** Job Id */
            job_id: string | null;
            /** Job Type */
            job_type: string | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "error" | "application" | "stdout" | "access" | "debug";
            /** Modified */
            modified: string | null;
            /** Path */
            path: string;
            /** Rank */
            rank: number | null;
            /** Reached By */
            reached_by: string | null;
            /** Readable */
            readable: boolean;
            /** Reason */
            reason: string | null;
            /** Rotated */
            rotated: components["schemas"]["RotatedInfo"][];
            /** Service */
            service: string;
            /** Size */
            size: number | null;
            /** Why */
            why: string;
        };
        /**
         * LoggedNumber
         * @description The last value of a logged number, and at most 20 of its history, the newest last.
         */
        LoggedNumber: {
            /** History */
            history: (number | ("NaN" | "Infinity" | "-Infinity"))[];
            /** Value */
            value: number | ("NaN" | "Infinity" | "-Infinity");
        };
        /**
         * LoginBody
         * @description One of the three: the code of a login link, a token that was typed in, or an embed's ticket.
         */
        LoginBody: {
            /** Code */
            code?: string | null;
            /** Ticket */
            ticket?: string | null;
            /** Token */
            token?: string | null;
        };
        /**
         * LoginCode
         * @description A login link and its code; single use, ten minutes.
         */
        LoginCode: {
            /** Code */
            code: string;
            /** Expires At */
            expires_at: string;
            /** Url */
            url: string;
        };
        /**
         * Me
         * @description Who one is. `job_id` and `owner` bind what is seen; `token` is there only for an embed's ticket.
         *
         *     `now` is the desk's clock as it answers: ages are shown against it, whatever the browser's clock says.
         */
        Me: {
            /** Expires At */
            expires_at?: string | null;
            /** Job Id */
            job_id?: string | null;
            /** Name */
            name: string;
            /** Now */
            now: string;
            /** Owner */
            owner?: string | null;
            /** Roles */
            roles: string[];
            /** Token */
            token?: string | null;
            /** Via */
            via: string;
        };
        /**
         * MemoryUsage
         * @description Bytes. Used is what is not available to a new process.
         */
        MemoryUsage: {
            /** Swap Total Bytes */
            swap_total_bytes: number;
            /** Swap Used Bytes */
            swap_used_bytes: number;
            /** Total Bytes */
            total_bytes: number;
            /** Used Bytes */
            used_bytes: number;
        };
        /**
         * NetworkUsage
         * @description Bytes a second over all interfaces but the loopback.
         */
        NetworkUsage: {
            /** Rx Bytes Per Sec */
            rx_bytes_per_sec: number;
            /** Tx Bytes Per Sec */
            tx_bytes_per_sec: number;
        };
        /**
         * OperationInfo
         * @description What was asked of a target and how far it is; `steps` oldest first, `result` at the end alone.
         */
        OperationInfo: {
            /**
             * Action
             * @enum {string}
             */
            action: "checkpoint" | "pause" | "resume" | "cancel" | "start" | "stop";
            /** Actor */
            actor: string;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: string | null;
            /** Generation */
            generation: number;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "job" | "asset";
            /** Owner */
            owner: string | null;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /** Result */
            result: {
                [key: string]: unknown;
            } | null;
            /** Revision */
            revision: number;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "succeeded" | "failed" | "superseded" | "moot" | "canceled";
            /** Steps */
            steps: components["schemas"]["OperationStep"][];
            /** Target */
            target: string;
            /** Updated At */
            updated_at: string;
        };
        /**
         * OperationStep
         * @description One thing that happened.
         */
        OperationStep: {
            /** At */
            at: string;
            /** Step */
            step: string;
        };
        /**
         * OwnJobDetails
         * @description Of a type that users named themselves.
         */
        OwnJobDetails: {
            /** Bytes Done */
            bytes_done: number;
            /** Bytes Total */
            bytes_total: number | null;
            /** Checkpoint Error */
            checkpoint_error: string | null;
            /**
             * Checkpoint Status
             * @enum {string}
             */
            checkpoint_status: "idle" | "requested" | "saving" | "saved" | "failed";
            /** Current Epoch */
            current_epoch: number;
            /** Current Step */
            current_step: number;
            /** Exp Name */
            exp_name: string | null;
            /**
             * Gpu Utilization
             * @description percent
             */
            gpu_utilization?: number;
            /**
             * Gpus
             * @description those that it holds memory of
             */
            gpus?: components["schemas"]["HeldGpu"][];
            /** Items Done */
            items_done: number;
            /** Items Total */
            items_total: number | null;
            /** Last Checkpoint At */
            last_checkpoint_at: string | null;
            /** Last Checkpoint Path */
            last_checkpoint_path: string | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
            /** Phase */
            phase: string | null;
            /** Total Epochs */
            total_epochs: number;
            /** Total Steps */
            total_steps: number;
            /**
             * Vram Usage Mb
             * @description MiB
             */
            vram_usage_mb?: number;
        };
        /** Page[AuditLine] */
        Page_AuditLine_: {
            /** Items */
            items: components["schemas"]["AuditLine"][];
            /** Next */
            next?: string | null;
        };
        /** Page[LogServiceInfo] */
        Page_LogServiceInfo_: {
            /** Items */
            items: components["schemas"]["LogServiceInfo"][];
            /** Next */
            next?: string | null;
        };
        /** Page[LogSourceInfo] */
        Page_LogSourceInfo_: {
            /** Items */
            items: components["schemas"]["LogSourceInfo"][];
            /** Next */
            next?: string | null;
        };
        /** Page[OperationInfo] */
        Page_OperationInfo_: {
            /** Items */
            items: components["schemas"]["OperationInfo"][];
            /** Next */
            next?: string | null;
        };
        /**
         * PastCheckpoint
         * @description One checkpoint and when its saving began.
         */
        PastCheckpoint: {
            /** Epoch */
            epoch: number;
            /**
             * Hash
             * @description xxh3-128 in hex
             */
            hash: string;
            /** Path */
            path: string;
            /** Reason */
            reason: string;
            /** Saved At */
            saved_at: string | null;
            /**
             * Size
             * @description bytes
             */
            size: number;
            /** Started At */
            started_at: string | null;
            /** Step */
            step: number;
            /** Verified */
            verified: boolean;
        };
        /**
         * PastPhase
         * @description One phase and the seconds it took, pauses left out; `work`: its optimizer steps, where `unit` is epochs.
         */
        PastPhase: {
            /** Done */
            done: number;
            /** Ended At */
            ended_at: string | null;
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Seconds */
            seconds: number | null;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "skipped" | "failed" | "canceled";
            /** Total */
            total: number | null;
            /** Unit */
            unit: string;
            /** Weight */
            weight: number;
            /** Work */
            work: number | null;
        };
        /**
         * PhaseProgress
         * @description One weighted phase; no percentage while its total is unknown.
         */
        PhaseProgress: {
            /** Done */
            done: number;
            /** Ended At */
            ended_at: string | null;
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Progress Percent */
            progress_percent: number | null;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "skipped" | "failed" | "canceled";
            /** Total */
            total: number | null;
            /** Unit */
            unit: string;
            /** Weight */
            weight: number;
        };
        /**
         * PlanAnswer
         * @description What a request would do. `stop` is the advice where it does not fit: null where no asset's stop would help.
         */
        PlanAnswer: {
            /**
             * Action
             * @enum {string}
             */
            action: "start" | "stop";
            /** Asset */
            asset: string;
            /** Fits */
            fits: boolean;
            /** Memory */
            memory: components["schemas"]["PlanCard"][];
            /** Steps */
            steps: components["schemas"]["PlanStep"][];
            /** Stop */
            stop?: string[] | null;
            /** Would Stop */
            would_stop: string[];
        };
        /**
         * PlanCard
         * @description One GPU, in MiB: free as the driver says, kept as headroom, needed by all that start, and what is missing.
         */
        PlanCard: {
            /** Fits */
            fits: boolean;
            /** Free Mb */
            free_mb: number;
            /** Gpu */
            gpu: number;
            /** Headroom Mb */
            headroom_mb: number;
            /** Missing Mb */
            missing_mb: number;
            /** Needed Mb */
            needed_mb: number;
            /** Uuid */
            uuid: string;
        };
        /**
         * PlanStep
         * @description What would be done with one asset.
         */
        PlanStep: {
            /** Asset */
            asset: string;
            /**
             * Does
             * @enum {string}
             */
            does: "start" | "stop" | "nothing";
            /** Why */
            why: string;
        };
        Problem: {
            /** @description what was wrong, which value, what to do */
            detail: string;
            status: number;
            title: string;
            type: string;
        };
        /**
         * ReloadAnswer
         * @description What another registry brought. `left_running`: what runs on and is no asset any more, by the id that it had.
         */
        ReloadAnswer: {
            /** Added */
            added: string[];
            /** Changed */
            changed: string[];
            /** Left Running */
            left_running: string[];
            /** Removed */
            removed: string[];
        };
        /**
         * RequestAnswer
         * @description A request that holds; `operation` is followed at `/admin/operations/{operation}`.
         */
        RequestAnswer: {
            /** Generation */
            generation: number;
            /** Operation */
            operation: string;
        };
        /**
         * RotatedInfo
         * @description An older part of a source; bytes, as it lies there.
         */
        RotatedInfo: {
            /** Compressed */
            compressed: boolean;
            /** Modified */
            modified: string;
            /** Path */
            path: string;
            /** Size */
            size: number;
        };
        /**
         * RunWish
         * @description What the run should be.
         */
        RunWish: {
            /** Generation */
            generation: number;
            /**
             * State
             * @enum {string}
             */
            state: "running" | "paused" | "canceled";
        };
        /**
         * SavedCheckpoint
         * @description One checkpoint.
         */
        SavedCheckpoint: {
            /** Epoch */
            epoch: number;
            /**
             * Hash
             * @description xxh3-128 in hex
             */
            hash: string;
            /** Path */
            path: string;
            /** Reason */
            reason: string;
            /** Saved At */
            saved_at: string | null;
            /**
             * Size
             * @description bytes
             */
            size: number;
            /** Step */
            step: number;
            /** Verified */
            verified: boolean;
        };
        /**
         * StatusChange
         * @description One transition.
         */
        StatusChange: {
            /** After */
            after: string;
            /** At */
            at: string;
            /** Before */
            before: string | null;
            /** Reason */
            reason: string | null;
        };
        /**
         * SystemMetrics
         * @description One host at one moment of its own clock. `gpu` is the first of `gpus`, and not there without one.
         */
        SystemMetrics: {
            cpu: components["schemas"]["CpuUsage"];
            /** Disk */
            disk: components["schemas"]["DiskUsage"][];
            gpu?: components["schemas"]["GpuUsage"] | null;
            /** Gpus */
            gpus: components["schemas"]["GpuUsage"][];
            /** Host */
            host: string;
            /** Hosts */
            hosts: string[];
            memory: components["schemas"]["MemoryUsage"];
            network: components["schemas"]["NetworkUsage"];
            /** Timestamp */
            timestamp: string;
        };
        /**
         * Ticket
         * @description A secret that is spent at its first use.
         */
        Ticket: {
            /** Expires At */
            expires_at: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * TokenBody
         * @description A token to make: its roles, perhaps bound to an owner, perhaps for some days only.
         */
        TokenBody: {
            /** Days */
            days?: number | null;
            /** Name */
            name?: string | null;
            /** Owner */
            owner?: string | null;
            /** Roles */
            roles: string[];
        };
        /**
         * TokenInfo
         * @description What is known of a token. `token` is its secret, given once, when it is made.
         */
        TokenInfo: {
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Name */
            name: string;
            /** Owner */
            owner: string | null;
            /** Revoked At */
            revoked_at: string | null;
            /** Roles */
            roles: string[];
            /** Source */
            source: string;
            /** Token */
            token?: string | null;
        };
        /**
         * TokenList
         * @description Every token, newest first.
         */
        TokenList: {
            /** Items */
            items: components["schemas"]["TokenInfo"][];
            /** Next */
            next?: null;
        };
        /**
         * TrainingJobDetails
         * @description Of the training types. What its GPUs do is not there while it is not read, rather than 0.
         */
        TrainingJobDetails: {
            /** Checkpoint Error */
            checkpoint_error: string | null;
            /**
             * Checkpoint Status
             * @enum {string}
             */
            checkpoint_status: "idle" | "requested" | "saving" | "saved" | "failed";
            /** Current Epoch */
            current_epoch: number;
            /** Current Step */
            current_step: number;
            /** Exp Name */
            exp_name: string | null;
            /**
             * Gpu Utilization
             * @description percent
             */
            gpu_utilization?: number;
            /**
             * Gpus
             * @description those that it holds memory of
             */
            gpus?: components["schemas"]["HeldGpu"][];
            /** Last Checkpoint At */
            last_checkpoint_at: string | null;
            /** Last Checkpoint Path */
            last_checkpoint_path: string | null;
            /** Phase */
            phase: string | null;
            /** Total Epochs */
            total_epochs: number;
            /** Total Steps */
            total_steps: number;
            /**
             * Vram Usage Mb
             * @description MiB
             */
            vram_usage_mb?: number;
        };
        /**
         * Tried
         * @description What the receiver said: its status, and after how many seconds. `receiver` is scheme and host alone.
         */
        Tried: {
            /** Format */
            format: string;
            /** Receiver */
            receiver: string;
            /** Seconds */
            seconds: number;
            /** Status */
            status: number;
        };
        /** ValidationError */
        ValidationError: {
            /** Context */
            ctx?: Record<string, never>;
            /** Input */
            input?: unknown;
            /** Location */
            loc: (string | number)[];
            /** Message */
            msg: string;
            /** Error Type */
            type: string;
        };
        /**
         * WebhookAnswer
         * @description What became of a delivery.
         *
         *     taken      alerts that were read
         *     late       of these, words that newer ones had overtaken
         *     dropped    older alerts that had to make room
         *     truncated  alerts that Alertmanager did not send
         *     refused    why others could not be read
         */
        WebhookAnswer: {
            /** Dropped */
            dropped: number;
            /** Late */
            late: number;
            /** Refused */
            refused: string[];
            /** Taken */
            taken: number;
            /** Truncated */
            truncated: number;
        };
        /**
         * WsTicketBody
         * @description The path of the WebSocket to open, such as /jobs/stream.
         */
        WsTicketBody: {
            /** Path */
            path: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAlerts: {
        parameters: {
            query?: {
                /** @description how many items at most */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string | null;
                /** @description firing, stale, resolved or all; else what is not over */
                state?: string | null;
                severity?: string | null;
                component?: string | null;
                name?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertList"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    alerts: {
                        annotations?: {
                            [key: string]: string;
                        };
                        /** Format: date-time */
                        endsAt?: string;
                        fingerprint: string;
                        generatorURL?: string;
                        labels: {
                            [key: string]: string;
                        };
                        /** Format: date-time */
                        startsAt: string;
                        /** @enum {string} */
                        status: "firing" | "resolved";
                    }[];
                    truncatedAlerts?: number;
                    /** @enum {string} */
                    version: "4";
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAssets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetList"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reloadAssets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReloadAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    holdAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                asset_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["HoldRequest"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                asset_id: string;
                hold_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startAsset: {
        parameters: {
            query?: {
                /** @description answer the plan and do nothing */
                dry_run?: boolean;
                /** @description stop idle, evictable assets where memory is short */
                evict?: boolean;
            };
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                asset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AskedAnswer"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["AssetRefusal"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                asset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopAsset: {
        parameters: {
            query?: {
                /** @description take dependents that run along */
                cascade?: boolean;
                /** @description in spite of holds and jobs */
                force?: boolean;
                /** @description answer the plan and do nothing */
                dry_run?: boolean;
            };
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                asset_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanAnswer"];
                };
            };
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AskedAnswer"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["AssetRefusal"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAudit: {
        parameters: {
            query?: {
                actor?: string | null;
                action?: string | null;
                target?: string | null;
                outcome?: string | null;
                /** @description how many items at most */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditLine_"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDoctor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingList"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    saveCheckpoint: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CheckpointRequest"] | null;
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseJob: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeJob: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLinks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Links"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadLog: {
        parameters: {
            query?: {
                /** @description the last so many; all without it */
                lines?: number | null;
                /** @description as a .gz file */
                gzip?: boolean;
            };
            header?: never;
            path: {
                service: string;
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description lines in UTF-8 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searchLogs: {
        parameters: {
            query?: {
                /** @description a text, whatever its case */
                q?: string | null;
                /** @description a regular expression (RE2) */
                regex?: string | null;
                /** @description all logs of it; repeatable */
                service?: string[] | null;
                /** @description one log as `service/source`; repeatable */
                source?: string[] | null;
                /** @description records of this level and of worse ones */
                level?: string | null;
                /** @description RFC 3339, seconds since the epoch, or 15m, 2h, 7d ago */
                since?: string | null;
                /** @description RFC 3339, seconds since the epoch, or 15m, 2h, 7d ago */
                until?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `{service, source, file, time, level, text}` a line; last, where not all was searched, `{searched_bytes, cut, not_searched, not_searched_count}` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLogServices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LogServiceInfo_"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLogSources: {
        parameters: {
            query?: {
                /** @description how many items at most */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string | null;
            };
            header?: never;
            path: {
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LogSourceInfo_"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: {
                host?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemMetrics"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testNotify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tried"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOperations: {
        parameters: {
            query?: {
                /** @description how many items at most */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string | null;
                state?: string | null;
                action?: string | null;
                kind?: string | null;
                target?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OperationInfo_"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenInfo"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeEmbedTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmbedTicketBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeLoginCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginCode"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeStreamTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WsTicketBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJobs: {
        parameters: {
            query?: {
                /** @description how many items at most */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string | null;
                status?: string[] | null;
                job_type?: string[] | null;
                name?: string | null;
                owner?: string | null;
                since?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDesired: {
        parameters: {
            query: {
                job: string[];
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DesiredAnswer"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobProgress"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJobHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobHistory"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReport: {
        parameters: {
            query?: never;
            header: {
                "X-Mixdesk-Job-Key": string;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job_id: string;
                    job_key: string;
                    job_type: string;
                    seq: number;
                    /** @enum {string} */
                    status: "queued" | "starting" | "running" | "paused" | "finalizing" | "succeeded" | "failed" | "canceled";
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scrape: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem, with what to do about it */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
