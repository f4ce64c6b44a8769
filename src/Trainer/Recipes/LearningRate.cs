namespace MnistLstm.Trainer.Recipes;

/// <summary>The learning rate of each step.</summary>
public static class LearningRate
{
    /// <param name="options">Height, warm-up and schedule.</param>
    /// <param name="step">From 0.</param>
    /// <param name="totalSteps">Of the run.</param>
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

    /// <summary>A straight rise to the peak, then down to 0 along half a cosine.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="total">Steps of the run.</param>
    /// <param name="rise">Steps of the rise.</param>
    public static double OneCycle(double peak, long step, long total, double rise) => step < rise
        ? peak * (step + 1) / rise
        : peak * 0.5 * (1 + Math.Cos(Math.PI * (step - rise) / (total - rise)));
}
