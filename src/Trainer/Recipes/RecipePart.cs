using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Recipes;

/// <summary>Which runs a hyperparameter has an effect on.</summary>
/// <param name="Runs">In words: "a run with --teachers".</param>
/// <param name="Includes">Whether a run is one of them.</param>
public sealed record RecipePart(string Runs, Predicate<TrainingOptions> Includes)
{
    public static RecipePart Every { get; } = new("every run", _ => true);

    /// <summary>Labels alone.</summary>
    public static RecipePart Labels { get; } = new("a run without --teachers", o => o.Teachers == 0);

    public static RecipePart Teachers { get; } = new("a run with --teachers", o => o.Teachers > 0);

    public static RecipePart Evidence { get; } = new("a run with --evidence-epochs", o => o.EvidenceEpochs > 0);

    public static RecipePart TeachersOrEvidence { get; } =
        new("a run with --teachers or --evidence-epochs", o => o.Teachers > 0 || o.EvidenceEpochs > 0);

    public static RecipePart ShortNumbers { get; } =
        new("a run with --number-format bfloat16", o => o.Format == NumberFormat.BFloat16);
}
