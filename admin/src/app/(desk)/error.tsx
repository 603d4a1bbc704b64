"use client";

// within the frame: the other pages stay in reach
import { Fault, type FaultProps } from "@/shell/fault";

export default function DeskErrorPage(props: FaultProps) {
  return <Fault {...props} />;
}
