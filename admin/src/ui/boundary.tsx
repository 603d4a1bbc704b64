"use client";

import { Component, type ReactNode } from "react";
import { reloadForNewVersion } from "@/lib/version";
import { Button } from "./button";
import { Failed } from "./empty";

interface State {
  error: Error | null;
}

/** Keeps a fault in one panel from taking the page with it. */
export class ErrorBoundary extends Component<{ name: string; children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override componentDidCatch(error: Error): void {
    reloadForNewVersion(error);
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Failed title={`${this.props.name} cannot be shown`}>
        <p className="wrap-anywhere">{this.state.error.message}</p>
        <Button className="mt-3" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </Failed>
    );
  }
}
