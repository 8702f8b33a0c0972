//! UNION ALL reads one part after the other: rows come in the order of the text, and nothing is asked for that is not wanted
//! yet. DataFusion would read all parts at once (decisions 10, 11).

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::config::ConfigOptions;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::limit::GlobalLimitExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    replace_children_if_necessary,
};
use futures::{StreamExt, TryStreamExt, stream};

/// Puts [`InTurnExec`] for every union whose parts are not merged by their order.
#[derive(Debug)]
pub struct PartsInTurn;

impl PhysicalOptimizerRule for PartsInTurn {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        in_turn(plan, false)
    }

    fn name(&self) -> &str {
        "parts_in_turn"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// `merged`: the parts below are read side by side, each in its order.
fn in_turn(plan: Arc<dyn ExecutionPlan>, merged: bool) -> Result<Arc<dyn ExecutionPlan>> {
    let merged = (merged || plan.downcast_ref::<SortPreservingMergeExec>().is_some())
        && plan.downcast_ref::<SortExec>().is_none();
    let children = plan.children().into_iter().cloned();
    let children = children
        .map(|child| in_turn(child, merged))
        .collect::<Result<Vec<_>>>()?;
    if plan.downcast_ref::<UnionExec>().is_some() && !merged {
        return Ok(Arc::new(InTurnExec::new(children, &plan)));
    }
    if let (Some(together), [one]) = (plan.downcast_ref::<CoalescePartitionsExec>(), children.as_slice())
        && one.output_partitioning().partition_count() == 1
    {
        // It would ask for the part after the one that had enough rows; LIMIT asks no further.
        return Ok(match together.fetch() {
            Some(fetch) => Arc::new(GlobalLimitExec::new(one.clone(), 0, Some(fetch))),
            None => one.clone(),
        });
    }
    if children.is_empty() {
        return Ok(plan);
    }
    replace_children_if_necessary(plan, children)
}

/// The rows of the first part, then those of the second …
#[derive(Debug)]
struct InTurnExec {
    parts: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl InTurnExec {
    /// `like` has the schema.
    fn new(parts: Vec<Arc<dyn ExecutionPlan>>, like: &Arc<dyn ExecutionPlan>) -> InTurnExec {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(like.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        InTurnExec {
            parts,
            properties: Arc::new(properties),
        }
    }
}

impl DisplayAs for InTurnExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InTurnExec")
    }
}

impl ExecutionPlan for InTurnExec {
    fn name(&self) -> &str {
        "InTurnExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.parts.iter().collect()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, parts: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let like: Arc<dyn ExecutionPlan> = self;
        Ok(Arc::new(InTurnExec::new(parts, &like)))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let partitions = self.parts.iter().flat_map(|part| {
            let count = part.output_partitioning().partition_count();
            (0..count).map(|partition| (part.clone(), partition))
        });
        let schema = self.schema();
        let named = schema.clone();
        let rows = stream::iter(partitions.collect::<Vec<_>>())
            .map(move |(part, partition)| part.execute(partition, context.clone()))
            .try_flatten()
            // The parts agree in types, not in the names of their columns.
            .map(move |batch| batch.and_then(|batch| batch.with_schema(named.clone()).map_err(DataFusionError::from)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
