// Made by `npm run types` from ../openapi.json. Not edited by hand.

export interface paths {
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
        get: operations["get_report_jobs__job_id__report_get"];
        /**
         * Report on a job
         * @description The whole state of a job, from its trainer; the answer says what is desired of it.
         */
        put: operations["put_report_jobs__job_id__report_put"];
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
        get: operations["get_desired_jobs_desired_get"];
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
        get: operations["get_jobs_jobs_get"];
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
        get: operations["get_job_jobs__job_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description A final job leaves the desk; its files stay.
         */
        delete: operations["delete_jobs__job_id__delete"];
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
        get: operations["get_history_jobs__job_id__history_get"];
        put?: never;
        post?: never;
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
        post: operations["checkpoint_admin_jobs__job_id__checkpoint_post"];
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
        post: operations["pause_admin_jobs__job_id__pause_post"];
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
        post: operations["resume_admin_jobs__job_id__resume_post"];
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
        post: operations["cancel_admin_jobs__job_id__cancel_post"];
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
        post: operations["login_auth_login_post"];
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
        post: operations["logout_auth_logout_post"];
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
        post: operations["login_code_auth_login_code_post"];
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
        get: operations["get_me_auth_me_get"];
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
        get: operations["verify_auth_verify_get"];
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
        post: operations["ws_ticket_auth_ws_ticket_post"];
        delete?: never;
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
        post: operations["embed_ticket_auth_embed_ticket_post"];
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
        get: operations["list_tokens_admin_tokens_get"];
        put?: never;
        /**
         * Create Token
         * @description Makes a token; its secret is in this answer and nowhere else.
         */
        post: operations["create_token_admin_tokens_post"];
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
        delete: operations["revoke_token_admin_tokens__token_id__delete"];
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
        get: operations["page_admin_operations_get"];
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
        get: operations["one_admin_operations__operation_id__get"];
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
        post: operations["cancel_admin_operations__operation_id__cancel_post"];
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
        get: operations["get_metrics_admin_metrics_get"];
        put?: never;
        post?: never;
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
        get: operations["get_assets_admin_assets_get"];
        put?: never;
        post?: never;
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
        get: operations["get_status_admin_assets__asset_id__status_get"];
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
        post: operations["reload_admin_assets_reload_post"];
        delete?: never;
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
        post: operations["start_admin_assets__asset_id__start_post"];
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
        post: operations["stop_admin_assets__asset_id__stop_post"];
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
        post: operations["hold_admin_assets__asset_id__holds_post"];
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
        delete: operations["release_admin_assets__asset_id__holds__hold_id__delete"];
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
        get: operations["get_services_admin_logs_services_get"];
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
        get: operations["get_sources_admin_logs_sources__service__get"];
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
        get: operations["download_admin_logs_download__service___source__get"];
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
        get: operations["search_admin_logs_search_get"];
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
        post: operations["post_webhook_admin_alerts_webhook_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
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
        get: operations["get_alerts_admin_alerts_get"];
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
        post: operations["post_test_admin_notify_test_post"];
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
        get: operations["get_audit_admin_audit_get"];
        put?: never;
        post?: never;
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
        get: operations["get_settings_admin_settings_get"];
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
        get: operations["get_doctor_admin_doctor_get"];
        put?: never;
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
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
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
        get: operations["healthz_healthz_get"];
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
        get: operations["readyz_readyz_get"];
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
            /** Fingerprint */
            fingerprint: string;
            /** Name */
            name: string;
            /**
             * State
             * @enum {string}
             */
            state: "firing" | "stale" | "resolved";
            /** Severity */
            severity: string | null;
            /** Component */
            component: string | null;
            /** Summary */
            summary: string | null;
            /** Description */
            description: string | null;
            /** Runbook */
            runbook: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Annotations */
            annotations: {
                [key: string]: string;
            };
            /** Starts At */
            starts_at: string;
            /** Ends At */
            ends_at: string | null;
            /** Heard At */
            heard_at: string;
            /** Source */
            source: string | null;
        };
        /**
         * AlertList
         * @description One page; `firing` counts all that fire, whatever the filters. `alertmanager` is null while nothing ever came.
         */
        AlertList: {
            /** Items */
            items: components["schemas"]["AlertInfo"][];
            /** Next */
            next?: string | null;
            /** Firing */
            firing: number;
            alertmanager: components["schemas"]["AlertmanagerInfo"] | null;
        };
        /**
         * AlertmanagerInfo
         * @description Whether Alertmanager is heard; `silent`: its watchdog was, and is not any more.
         */
        AlertmanagerInfo: {
            /** Last Heard At */
            last_heard_at: string;
            /** Watchdog At */
            watchdog_at: string | null;
            /** Silent */
            silent: boolean;
        };
        /**
         * ArtifactItem
         * @description One output.
         */
        ArtifactItem: {
            /** Type */
            type: string;
            /** Path */
            path: string;
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
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Type
             * @enum {string}
             */
            type: "model" | "service" | "component";
            /**
             * Resource Type
             * @enum {string}
             */
            resource_type: "cpu" | "gpu" | "ram";
            /** Driver */
            driver: string;
            /**
             * Status
             * @enum {string}
             */
            status: "running" | "stopped" | "loading" | "error";
            /** Desired */
            desired: ("running" | "stopped") | null;
            /** Drift */
            drift: ("crashed" | "stopped elsewhere" | "started elsewhere") | null;
            /** Error */
            error: string | null;
            /** Container */
            container?: string | null;
            /** Process Name */
            process_name?: string | null;
            /** Dependencies */
            dependencies: string[];
            /** Operation */
            operation: string | null;
            /** Generation */
            generation: number;
            metrics: components["schemas"]["AssetMetrics"];
            usage: components["schemas"]["AssetUsage"];
            /** Gpus */
            gpus: (number | string)[];
            /** Vram Declared Mb */
            vram_declared_mb: number | null;
            /** Vram Peak Mb */
            vram_peak_mb: number | null;
            /** Evictable */
            evictable: boolean;
            /** Detach */
            detach: boolean;
            /** Holds */
            holds: components["schemas"]["HoldInfo"][];
            /** Revision */
            revision: number;
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
            /** Ram Usage Mb */
            ram_usage_mb?: number | null;
            /** Vram Usage Mb */
            vram_usage_mb?: number | null;
            /** Cpu Percent */
            cpu_percent?: number | null;
        };
        /**
         * AssetUsage
         * @description More of what it uses. `exit_code` is that of the last run, negative for a signal.
         */
        AssetUsage: {
            /** Vram */
            vram: components["schemas"]["CardUse"][];
            /** Started At */
            started_at: string | null;
            /** Uptime S */
            uptime_s: number | null;
            /** Restarts */
            restarts: number;
            /** Exit Code */
            exit_code: number | null;
            /** Oom Killed */
            oom_killed: boolean;
            /** Jobs */
            jobs: string[];
        };
        /**
         * AuditLine
         * @description One line: `outcome` is accepted while an operation runs, then what became of it.
         */
        AuditLine: {
            /** Id */
            id: number;
            /** At */
            at: string;
            /** Actor */
            actor: string;
            /** Via */
            via: string;
            /** Action */
            action: string;
            /** Target */
            target: string;
            /** Origin */
            origin: string;
            /** Operation */
            operation: string | null;
            /** Outcome */
            outcome: string;
            /** Detail */
            detail: string | null;
        };
        /**
         * CardUse
         * @description One GPU, in MiB: held by its processes, promised to it, not come back from an earlier run.
         */
        CardUse: {
            /** Gpu */
            gpu: number | null;
            /** Uuid */
            uuid: string;
            /** Used Mb */
            used_mb: number | null;
            /** Reserved Mb */
            reserved_mb: number;
            /** Leaked Mb */
            leaked_mb: number;
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
            /**
             * Then
             * @enum {string}
             */
            then: "continue" | "cancel";
            /** Generation */
            generation: number;
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
            /** Usage Percent */
            usage_percent: number;
            /** Load Avg */
            load_avg: [
                number,
                number,
                number
            ];
            /** Cores */
            cores: components["schemas"]["CoreUsage"][];
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
            /** Step Index */
            step_index: number;
            /** Step Count */
            step_count: number;
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
            /** Generation */
            generation: number;
            run: components["schemas"]["RunWish"];
            checkpoint: components["schemas"]["CheckpointWish"] | null;
        };
        /**
         * DiskUsage
         * @description One mounted file system, in bytes.
         */
        DiskUsage: {
            /** Mount */
            mount: string;
            /** Used Bytes */
            used_bytes: number;
            /** Total Bytes */
            total_bytes: number;
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
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "ok" | "absent" | "warning" | "broken";
            /** Found */
            found: string;
            /** Todo */
            todo: string | null;
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
            /** Phase */
            phase: string | null;
            /** Input File */
            input_file: string | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
        };
        /**
         * GpuUsage
         * @description One device; null where its driver does not say. `_mb` are MiB.
         */
        GpuUsage: {
            /** Index */
            index: number;
            /** Uuid */
            uuid: string;
            /** Name */
            name: string;
            /** Utilization Percent */
            utilization_percent: number | null;
            /** Vram Used Mb */
            vram_used_mb: number | null;
            /** Vram Total Mb */
            vram_total_mb: number | null;
            /** Temperature C */
            temperature_c: number | null;
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
            /** Id */
            id: string;
            /** Actor */
            actor: string;
            /** Reason */
            reason: string | null;
            /** Expires At */
            expires_at: string;
        };
        /**
         * HoldRequest
         * @description A hold for so many seconds; with the id of one that is there, that one is made longer.
         */
        HoldRequest: {
            /**
             * Ttl S
             * @default 60
             */
            ttl_s: number;
            /** Reason */
            reason?: string | null;
            /** Id */
            id?: string | null;
        };
        /**
         * ItemJobDetails
         * @description Of preprocess_audio and download_model.
         */
        ItemJobDetails: {
            /** Phase */
            phase: string | null;
            /** Items Done */
            items_done: number;
            /** Items Total */
            items_total: number | null;
            /** Bytes Done */
            bytes_done: number;
            /** Bytes Total */
            bytes_total: number | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
        };
        /**
         * JobHistory
         * @description What happened to a job.
         */
        JobHistory: {
            /** Job Id */
            job_id: string;
            /** Transitions */
            transitions: components["schemas"]["StatusChange"][];
            /** Phases */
            phases: components["schemas"]["PastPhase"][];
            /** Checkpoints */
            checkpoints: components["schemas"]["PastCheckpoint"][];
            /** Scores */
            scores: {
                [key: string]: number;
            } | null;
            /** Points */
            points: {
                [key: string]: components["schemas"]["HistoryPoint"][];
            };
            /** Progress */
            progress: components["schemas"]["HistoryPoint"][];
            /** Eta */
            eta: components["schemas"]["HistoryPoint"][];
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
            /** Job Id */
            job_id: string;
            /** Job Type */
            job_type: string;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "starting" | "running" | "paused" | "finalizing" | "succeeded" | "failed" | "canceled";
            /** Progress Percent */
            progress_percent: number;
            current_step: components["schemas"]["CurrentStep"];
            /** Details */
            details: components["schemas"]["TrainingJobDetails"] | components["schemas"]["GenerationJobDetails"] | components["schemas"]["ItemJobDetails"] | components["schemas"]["OwnJobDetails"];
            /** Log Stream */
            log_stream: string | null;
            /** Created At */
            created_at: string;
            /** Started At */
            started_at: string | null;
            /** Completed At */
            completed_at: string | null;
            /** Error */
            error: string | null;
            /** Name */
            name: string | null;
            /** Version */
            version: string | null;
            /** Owner */
            owner: string | null;
            /** Host */
            host: string | null;
            /** Pid */
            pid: number | null;
            /** Attempt */
            attempt: number;
            /** Parent Id */
            parent_id: string | null;
            /** Trace Id */
            trace_id: string | null;
            /** Eta Seconds */
            eta_seconds: number | null;
            /** Eta Low Seconds */
            eta_low_seconds: number | null;
            /** Eta High Seconds */
            eta_high_seconds: number | null;
            /** Steps Per Second */
            steps_per_second: number | null;
            /** Metrics */
            metrics: {
                [key: string]: components["schemas"]["LoggedNumber"];
            };
            /** Phases */
            phases: components["schemas"]["PhaseProgress"][];
            /** Last Report At */
            last_report_at: string | null;
            /** Lost */
            lost: boolean;
            /** Resuming */
            resuming: boolean;
            desired: components["schemas"]["DesiredState"];
            /** Checkpoints */
            checkpoints: components["schemas"]["SavedCheckpoint"][];
            /** Revision */
            revision: number;
        };
        /**
         * LogServiceInfo
         * @description Whatever writes logs. `state` is the engine's word; `sources` says how many it has.
         */
        LogServiceInfo: {
            /** Service */
            service: string;
            /** Container */
            container: string | null;
            /** Containers */
            containers: string[];
            /** State */
            state: string | null;
            /** Found In */
            found_in: string[];
            /** Sources */
            sources: number;
            /** Readable */
            readable: number;
            /** Notes */
            notes: string[];
        };
        /**
         * LogSourceInfo
         * @description One log of a service. `path` is the service's own, or `stdout`; `why` explains its kind and rank.
         */
        LogSourceInfo: {
            /** Service */
            service: string;
            /** Id */
            id: string;
            /** Path */
            path: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "error" | "application" | "stdout" | "access" | "debug";
            /** Rank */
            rank: number | null;
            /** Why */
            why: string;
            /** Size */
            size: number | null;
            /** Modified */
            modified: string | null;
            /** Readable */
            readable: boolean;
            /** Reason */
            reason: string | null;
            /** Reached By */
            reached_by: string | null;
            /** Rotated */
            rotated: components["schemas"]["RotatedInfo"][];
            /** Job Id */
            job_id: string | null;
            /** Job Type */
            job_type: string | null;
        };
        /**
         * LoggedNumber
         * @description The last value of a logged number, and at most 20 of its history, the newest last.
         */
        LoggedNumber: {
            /** Value */
            value: number | ("NaN" | "Infinity" | "-Infinity");
            /** History */
            history: (number | ("NaN" | "Infinity" | "-Infinity"))[];
        };
        /**
         * LoginBody
         * @description One of the three: the code of a login link, a token that was typed in, or an embed's ticket.
         */
        LoginBody: {
            /** Code */
            code?: string | null;
            /** Token */
            token?: string | null;
            /** Ticket */
            ticket?: string | null;
        };
        /**
         * LoginCode
         * @description A login link and its code; single use, ten minutes.
         */
        LoginCode: {
            /** Url */
            url: string;
            /** Code */
            code: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * Me
         * @description Who one is. `job_id` and `owner` bind what is seen; `token` is there only for an embed's ticket.
         *
         *     `now` is the desk's clock as it answers: ages are shown against it, whatever the browser's clock says.
         */
        Me: {
            /** Name */
            name: string;
            /** Roles */
            roles: string[];
            /** Now */
            now: string;
            /** Owner */
            owner?: string | null;
            /** Via */
            via: string;
            /** Job Id */
            job_id?: string | null;
            /** Expires At */
            expires_at?: string | null;
            /** Token */
            token?: string | null;
        };
        /**
         * MemoryUsage
         * @description Bytes. Used is what is not available to a new process.
         */
        MemoryUsage: {
            /** Used Bytes */
            used_bytes: number;
            /** Total Bytes */
            total_bytes: number;
            /** Swap Used Bytes */
            swap_used_bytes: number;
            /** Swap Total Bytes */
            swap_total_bytes: number;
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
            /** Id */
            id: string;
            /**
             * Action
             * @enum {string}
             */
            action: "checkpoint" | "pause" | "resume" | "cancel" | "start" | "stop";
            /**
             * Kind
             * @enum {string}
             */
            kind: "job" | "asset";
            /** Target */
            target: string;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "succeeded" | "failed" | "superseded" | "moot" | "canceled";
            /** Generation */
            generation: number;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /** Steps */
            steps: components["schemas"]["OperationStep"][];
            /** Result */
            result: {
                [key: string]: unknown;
            } | null;
            /** Error */
            error: string | null;
            /** Actor */
            actor: string;
            /** Owner */
            owner: string | null;
            /** Created At */
            created_at: string;
            /** Updated At */
            updated_at: string;
            /** Ended At */
            ended_at: string | null;
            /** Revision */
            revision: number;
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
            /** Phase */
            phase: string | null;
            /** Items Done */
            items_done: number;
            /** Items Total */
            items_total: number | null;
            /** Bytes Done */
            bytes_done: number;
            /** Bytes Total */
            bytes_total: number | null;
            /** Output Artifacts */
            output_artifacts: components["schemas"]["ArtifactItem"][];
            /** Exp Name */
            exp_name: string | null;
            /** Current Epoch */
            current_epoch: number;
            /** Total Epochs */
            total_epochs: number;
            /** Current Step */
            current_step: number;
            /** Total Steps */
            total_steps: number;
            /**
             * Checkpoint Status
             * @enum {string}
             */
            checkpoint_status: "idle" | "requested" | "saving" | "saved" | "failed";
            /** Checkpoint Error */
            checkpoint_error: string | null;
            /** Last Checkpoint At */
            last_checkpoint_at: string | null;
            /** Last Checkpoint Path */
            last_checkpoint_path: string | null;
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
            /** Path */
            path: string;
            /** Epoch */
            epoch: number;
            /** Step */
            step: number;
            /**
             * Size
             * @description bytes
             */
            size: number;
            /**
             * Hash
             * @description xxh3-128 in hex
             */
            hash: string;
            /** Saved At */
            saved_at: string | null;
            /** Verified */
            verified: boolean;
            /** Reason */
            reason: string;
            /** Started At */
            started_at: string | null;
        };
        /**
         * PastPhase
         * @description One phase and the seconds it took, pauses left out; `work`: its optimizer steps, where `unit` is epochs.
         */
        PastPhase: {
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Weight */
            weight: number;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "skipped" | "failed" | "canceled";
            /** Done */
            done: number;
            /** Total */
            total: number | null;
            /** Unit */
            unit: string;
            /** Started At */
            started_at: string | null;
            /** Ended At */
            ended_at: string | null;
            /** Work */
            work: number | null;
            /** Seconds */
            seconds: number | null;
        };
        /**
         * PhaseProgress
         * @description One weighted phase; no percentage while its total is unknown.
         */
        PhaseProgress: {
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Weight */
            weight: number;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "skipped" | "failed" | "canceled";
            /** Progress Percent */
            progress_percent: number | null;
            /** Done */
            done: number;
            /** Total */
            total: number | null;
            /** Unit */
            unit: string;
            /** Started At */
            started_at: string | null;
            /** Ended At */
            ended_at: string | null;
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
            /** Steps */
            steps: components["schemas"]["PlanStep"][];
            /** Memory */
            memory: components["schemas"]["PlanCard"][];
            /** Fits */
            fits: boolean;
            /** Would Stop */
            would_stop: string[];
            /** Stop */
            stop?: string[] | null;
        };
        /**
         * PlanCard
         * @description One GPU, in MiB: free as the driver says, kept as headroom, needed by all that start, and what is missing.
         */
        PlanCard: {
            /** Gpu */
            gpu: number;
            /** Uuid */
            uuid: string;
            /** Free Mb */
            free_mb: number;
            /** Headroom Mb */
            headroom_mb: number;
            /** Needed Mb */
            needed_mb: number;
            /** Missing Mb */
            missing_mb: number;
            /** Fits */
            fits: boolean;
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
        /**
         * ReloadAnswer
         * @description What another registry brought. `left_running`: what runs on and is no asset any more, by the id that it had.
         */
        ReloadAnswer: {
            /** Added */
            added: string[];
            /** Removed */
            removed: string[];
            /** Changed */
            changed: string[];
            /** Left Running */
            left_running: string[];
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
            /** Path */
            path: string;
            /** Size */
            size: number;
            /** Modified */
            modified: string;
            /** Compressed */
            compressed: boolean;
        };
        /**
         * RunWish
         * @description What the run should be.
         */
        RunWish: {
            /**
             * State
             * @enum {string}
             */
            state: "running" | "paused" | "canceled";
            /** Generation */
            generation: number;
        };
        /**
         * SavedCheckpoint
         * @description One checkpoint.
         */
        SavedCheckpoint: {
            /** Path */
            path: string;
            /** Epoch */
            epoch: number;
            /** Step */
            step: number;
            /**
             * Size
             * @description bytes
             */
            size: number;
            /**
             * Hash
             * @description xxh3-128 in hex
             */
            hash: string;
            /** Saved At */
            saved_at: string | null;
            /** Verified */
            verified: boolean;
            /** Reason */
            reason: string;
        };
        /**
         * StatusChange
         * @description One transition.
         */
        StatusChange: {
            /** At */
            at: string;
            /** Before */
            before: string | null;
            /** After */
            after: string;
            /** Reason */
            reason: string | null;
        };
        /**
         * SystemMetrics
         * @description One host at one moment of its own clock. `gpu` is the first of `gpus`, and not there without one.
         */
        SystemMetrics: {
            /** Host */
            host: string;
            /** Hosts */
            hosts: string[];
            cpu: components["schemas"]["CpuUsage"];
            memory: components["schemas"]["MemoryUsage"];
            /** Disk */
            disk: components["schemas"]["DiskUsage"][];
            network: components["schemas"]["NetworkUsage"];
            gpu?: components["schemas"]["GpuUsage"] | null;
            /** Gpus */
            gpus: components["schemas"]["GpuUsage"][];
            /** Timestamp */
            timestamp: string;
        };
        /**
         * Ticket
         * @description A secret that is spent at its first use.
         */
        Ticket: {
            /** Ticket */
            ticket: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * TokenBody
         * @description A token to make: its roles, perhaps bound to an owner, perhaps for some days only.
         */
        TokenBody: {
            /** Roles */
            roles: string[];
            /** Name */
            name?: string | null;
            /** Owner */
            owner?: string | null;
            /** Days */
            days?: number | null;
        };
        /**
         * TokenInfo
         * @description What is known of a token. `token` is its secret, given once, when it is made.
         */
        TokenInfo: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Roles */
            roles: string[];
            /** Owner */
            owner: string | null;
            /** Source */
            source: string;
            /** Created At */
            created_at: string;
            /** Last Used At */
            last_used_at: string | null;
            /** Expires At */
            expires_at: string | null;
            /** Revoked At */
            revoked_at: string | null;
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
         * @description Of the training types.
         */
        TrainingJobDetails: {
            /** Exp Name */
            exp_name: string | null;
            /** Phase */
            phase: string | null;
            /** Current Epoch */
            current_epoch: number;
            /** Total Epochs */
            total_epochs: number;
            /** Current Step */
            current_step: number;
            /** Total Steps */
            total_steps: number;
            /**
             * Checkpoint Status
             * @enum {string}
             */
            checkpoint_status: "idle" | "requested" | "saving" | "saved" | "failed";
            /** Checkpoint Error */
            checkpoint_error: string | null;
            /** Last Checkpoint At */
            last_checkpoint_at: string | null;
            /** Last Checkpoint Path */
            last_checkpoint_path: string | null;
        };
        /**
         * Tried
         * @description What the receiver said: its status, and after how many seconds. `receiver` is scheme and host alone.
         */
        Tried: {
            /** Receiver */
            receiver: string;
            /** Format */
            format: string;
            /** Status */
            status: number;
            /** Seconds */
            seconds: number;
        };
        /** ValidationError */
        ValidationError: {
            /** Location */
            loc: (string | number)[];
            /** Message */
            msg: string;
            /** Error Type */
            type: string;
            /** Input */
            input?: unknown;
            /** Context */
            ctx?: Record<string, never>;
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
            /** Taken */
            taken: number;
            /** Late */
            late: number;
            /** Dropped */
            dropped: number;
            /** Truncated */
            truncated: number;
            /** Refused */
            refused: string[];
        };
        /**
         * WsTicketBody
         * @description The path of the WebSocket to open, such as /jobs/stream.
         */
        WsTicketBody: {
            /** Path */
            path: string;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            /** @description what was wrong, which value, what to do */
            detail: string;
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
    get_report_jobs__job_id__report_get: {
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
    put_report_jobs__job_id__report_put: {
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
    get_desired_jobs_desired_get: {
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
    get_jobs_jobs_get: {
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
    get_job_jobs__job_id__get: {
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
    delete_jobs__job_id__delete: {
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
    get_history_jobs__job_id__history_get: {
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
    checkpoint_admin_jobs__job_id__checkpoint_post: {
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
    pause_admin_jobs__job_id__pause_post: {
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
    resume_admin_jobs__job_id__resume_post: {
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
    cancel_admin_jobs__job_id__cancel_post: {
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
    login_auth_login_post: {
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
    logout_auth_logout_post: {
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
    login_code_auth_login_code_post: {
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
    get_me_auth_me_get: {
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
    verify_auth_verify_get: {
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
    ws_ticket_auth_ws_ticket_post: {
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
    embed_ticket_auth_embed_ticket_post: {
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
    list_tokens_admin_tokens_get: {
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
    create_token_admin_tokens_post: {
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
    revoke_token_admin_tokens__token_id__delete: {
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
    page_admin_operations_get: {
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
    one_admin_operations__operation_id__get: {
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
    cancel_admin_operations__operation_id__cancel_post: {
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
    get_metrics_admin_metrics_get: {
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
    get_assets_admin_assets_get: {
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
    get_status_admin_assets__asset_id__status_get: {
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
    reload_admin_assets_reload_post: {
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
    start_admin_assets__asset_id__start_post: {
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
    stop_admin_assets__asset_id__stop_post: {
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
    hold_admin_assets__asset_id__holds_post: {
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
    release_admin_assets__asset_id__holds__hold_id__delete: {
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
    get_services_admin_logs_services_get: {
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
    get_sources_admin_logs_sources__service__get: {
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
    download_admin_logs_download__service___source__get: {
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
    search_admin_logs_search_get: {
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
    post_webhook_admin_alerts_webhook_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    version: "4";
                    truncatedAlerts?: number;
                    alerts: {
                        /** @enum {string} */
                        status: "firing" | "resolved";
                        labels: {
                            [key: string]: string;
                        };
                        annotations?: {
                            [key: string]: string;
                        };
                        /** Format: date-time */
                        startsAt: string;
                        /** Format: date-time */
                        endsAt?: string;
                        generatorURL?: string;
                        fingerprint: string;
                    }[];
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
    get_alerts_admin_alerts_get: {
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
    post_test_admin_notify_test_post: {
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
    get_audit_admin_audit_get: {
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
    get_settings_admin_settings_get: {
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
    get_doctor_admin_doctor_get: {
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
    metrics_metrics_get: {
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
    healthz_healthz_get: {
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
    readyz_readyz_get: {
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
