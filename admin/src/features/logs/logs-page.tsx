"use client";

import dynamic from "next/dynamic";
import { Suspense } from "react";
import { useSession } from "@/shell/session";
import { Failed, Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { NoJobLogs, NoServices } from "./places/no-services";
import { ServiceTabs } from "./places/service-tabs";
import { useAddress } from "./use-address";
import { useServices } from "./use-logs";

const ServiceView = dynamic(() => import("./places/service-view").then((part) => part.ServiceView), {
  loading: () => <Waiting>Opening the log …</Waiting>,
});
const SearchView = dynamic(() => import("./search/search-view").then((part) => part.SearchView), {
  loading: () => <Waiting>Opening the search …</Waiting>,
});

export function LogsPage() {
  return (
    <>
      <PageHeader title="Logs" />
      <Suspense fallback={<Waiting>Opening the logs …</Waiting>}>
        <Logs />
      </Suspense>
    </>
  );
}

function Logs() {
  const [address, change] = useAddress();
  const services = useServices();
  const { may } = useSession();
  if (services.isPending) return <Waiting>Asking who writes logs …</Waiting>;
  if (services.data === undefined) return <Failed title="No answer">{services.error?.message}</Failed>;
  const searching = address.view === "search";
  const first = services.data.find((one) => one.readable > 0) ?? services.data[0];
  const chosen = address.service === null ? first : services.data.find((one) => one.service === address.service);
  if (services.data.length === 0) return may("operator") ? <NoServices /> : <NoJobLogs />;
  return (
    <>
      <ServiceTabs services={services.data} chosen={chosen?.service ?? null} searching={searching} />
      {searching ? (
        <SearchView address={address} services={services.data.map((one) => one.service)} change={change} />
      ) : chosen === undefined ? (
        <Failed title={`No service ${address.service} writes logs here`}>
          Its container may have been removed, or you may not read its logs. Choose one of the services above.
        </Failed>
      ) : (
        <>
          {may("operator") && services.data.every((one) => one.sources === 0) && <NoServices />}
          <ServiceView service={chosen} address={address} change={change} />
        </>
      )}
    </>
  );
}
