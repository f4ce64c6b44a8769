namespace MnistLstm.Trainer.Recipes;

/// <summary>The learning rate of each step.</summary>
public static class LearningRate
{
    /// <param name="step">Counted from 0.</param>
    public static double At(TrainingOptions options, int step, int totalSteps)
    {
        if (step < options.WarmUpSteps)
        {
            return options.LearningRate * (step + 1) / options.WarmUpSteps;
        }

        double progress = (double)(step - options.WarmUpSteps) / Math.Max(1, totalSteps - options.WarmUpSteps);
        return options.Schedule == Schedule.Cosine
            ? options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * progress))
            : options.LearningRate;
    }
}
