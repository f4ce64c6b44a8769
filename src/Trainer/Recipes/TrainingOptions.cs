using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Recipes;

/// <summary>
/// Everything that decides what a run computes. Presets are values of this record; options change them with
/// <c>with</c>.
/// </summary>
/// <remarks><see cref="HyperParameter.All"/> says what each of them does.</remarks>
public sealed record TrainingOptions
{
    /// <summary>
    /// The blog post's TensorFlow 1 program: <c>BasicLSTMCell(128, forget_bias=1.0)</c>, Adam, 781 batches of 128
    /// ("while step * 128 &lt; 100000").
    /// </summary>
    public static TrainingOptions Seed { get; } = new()
    {
        Preset = "seed",
        RandomSeed = 7, // of the committed models/seed.onnx
        InitialValues = InitialValues.TensorFlow,
        Steps = 781,
        LearningRate = 0.001,
        LogEvery = 10,
    };

    /// <summary>The same network taught by convolutional networks, see <see cref="Distillation.Distiller"/>.</summary>
    public static TrainingOptions Best { get; } = new()
    {
        Preset = "best",
        InitialValues = InitialValues.PyTorch,
        BatchSize = 256,
        Epochs = 140,
        LearningRate = 0.003,
        Schedule = Schedule.Cosine,
        WarmUpSteps = 1000,
        MatrixRate = 0.8,
        GradientClip = 1,
        AverageDecay = 0.9995,
        Teachers = 4,
        NumberFormat = NumberFormat.Fastest,
        EvidenceEpochs = 16,
        Calibration = Calibration.Temperature,
    };

    public static IReadOnlyList<TrainingOptions> Presets { get; } = [Seed, Best];

    /// <exception cref="TrainerException">There is no such preset.</exception>
    public static TrainingOptions FromPreset(string name) =>
        Presets.FirstOrDefault(options => options.Preset == name)
        ?? throw new TrainerException(
            $"--preset is '{name}', but it must be {string.Join(" or ", Presets.Select(options => options.Preset))}.");

    public required string Preset { get; init; }

    /// <summary>All random numbers of the run come from it.</summary>
    public int RandomSeed { get; init; }

    public int HiddenSize { get; init; } = 128; // H
    public InitialValues InitialValues { get; init; }
    public int BatchSize { get; init; } = 128; // B
    public int Steps { get; init; }
    public int Epochs { get; init; }
    public double LearningRate { get; init; }
    public Schedule Schedule { get; init; }
    public int WarmUpSteps { get; init; }
    public double Beta1 { get; init; } = 0.9;
    public double Beta2 { get; init; } = 0.999;
    public double Epsilon { get; init; } = 1e-8;
    public double WeightDecay { get; init; }

    /// <summary>
    /// How far the LSTM's matrices move a step by Muon's rule, in learning rates. It is the root mean square of a
    /// square matrix's change. 0 = they move by Adam's rule.
    /// </summary>
    public double MatrixRate { get; init; }

    public double GradientClip { get; init; }

    /// <summary>
    /// Decay per step of the moving average of the weights that is exported; 0 = the weights themselves.
    /// </summary>
    public double AverageDecay { get; init; }

    public double Rotation { get; init; } // degrees
    public double Scale { get; init; }
    public double Shift { get; init; } // pixels
    public int Teachers { get; init; }
    public int TeacherEpochs { get; init; } = 14;

    /// <summary>Views of each training image that the LSTM learns from, the image itself among them.</summary>
    public int Views { get; init; } = 12;

    public double PictureShare { get; init; } = 0.3;

    /// <summary>Divides both the teachers' and the LSTM's logits where they are compared.</summary>
    public double SoftTemperature { get; init; } = 3;

    public double SoftShare { get; init; } = 0.9;
    public NumberFormat NumberFormat { get; init; }

    /// <summary>The same, with the name of the fastest on this processor.</summary>
    public NumberFormat Format => NumberFormat == NumberFormat.Fastest ? NumberFormats.Fastest : NumberFormat;

    public double FloatShare { get; init; } = 0.03;
    public int EvidenceEpochs { get; init; }
    public double EvidenceRate { get; init; } = 0.0012;
    public int NonDigitPictures { get; init; } = 100_000;
    public double NonDigitShare { get; init; } = 0.4;
    public double EvidenceWeight { get; init; } = 0.05; // 1 / nats²
    public double DigitMargin { get; init; } = 10; // nats
    public double NonDigitMargin { get; init; } = 2; // nats

    /// <summary>
    /// Share of the signs that are kept from training, with some kinds of drawings, to measure what is refused unseen.
    /// </summary>
    public double UnseenShare { get; init; }

    public Calibration Calibration { get; init; }

    /// <summary>Whether <c>refine</c> may forget more than it does by default; in the card where it may.</summary>
    public bool AllowsLoss { get; init; }

    /// <summary>Steps between the post's log lines; 0 = none.</summary>
    public int LogEvery { get; init; }

    public int Threads { get; init; } = 2;

    /// <summary>Refuses options that are right one by one and not together.</summary>
    /// <exception cref="TrainerException">Nothing would be learned, or not for as long as asked for.</exception>
    public void RequireConsistent()
    {
        if (Steps == 0 && Epochs == 0)
        {
            throw new TrainerException(
                "--steps and --epochs are both 0, so nothing would be learned: give one of them.");
        }

        if (Teachers > 0 && Steps > 0)
        {
            throw new TrainerException(
                $"A run with --teachers takes whole epochs, but this one (--preset {Preset}) has {Steps:N0} steps: "
                + "give --epochs, or --teachers 0.");
        }
    }

    /// <summary>The step from which on the replicas compute in float32.</summary>
    public int FloatFrom(int totalSteps) =>
        Format == NumberFormat.Float32 ? 0 : (int)Math.Round(totalSteps * (1 - FloatShare));

    /// <summary>Updates of the weights for a training set of this size.</summary>
    public int TotalSteps(int trainingImages) =>
        Steps > 0 ? Steps : (int)Math.Ceiling((double)Epochs * trainingImages / BatchSize);
}
