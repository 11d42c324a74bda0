#!/usr/bin/env bash
# A training by one worker a node. Submit it by: sbatch --nodes=4 deploy/slurm/train.sh experiment.yaml runs/mine
#SBATCH --job-name=banyan
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

experiment=$1
out=$2
# Jobs of other users may run on the same nodes.
port=$((20000 + SLURM_JOB_ID % 20000))
workers=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed "s/.*/\"&:$port\"/" | paste -sd,)
export workers experiment out

# Whoever loses another ends with 75: all are started again, and go on from the last checkpoint.
for _ in 1 2 3 4 5; do
  code=0
  srun --kill-on-bad-exit=1 bash -c '
    export TF_CONFIG="{\"cluster\":{\"worker\":[$workers]},\"task\":{\"type\":\"worker\",\"index\":$SLURM_PROCID}}"
    exec npx banyan train "$experiment" --out "$out" --set "training.threads=$SLURM_CPUS_PER_TASK"
  ' || code=$?
  [ "$code" -eq 0 ] && exit 0
  # 130: somebody asked for the end; 1: the training itself failed.
  case $code in 1 | 2 | 130) exit "$code" ;; esac
done
exit "$code"
