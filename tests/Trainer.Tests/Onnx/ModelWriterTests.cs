using System.Text.Json;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Onnx;

public sealed class ModelWriterTests : IDisposable
{
    private static readonly MnistDataset Data =
        new(TestDigits.Bars(10, stream: 1), TestDigits.Bars(100, stream: 2), TestDigits.Bars(100, stream: 3))
        {
            Sha256 = MnistFile.Hashes,
        };

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    private string Location => Path.Combine(_folder, "test.onnx");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_model_and_its_card_are_written_and_nothing_else()
    {
        WrittenModel written = Write(TrainingOptions.Seed with { HiddenSize = 8 });

        Directory.GetFiles(_folder).Select(Path.GetFileName).Order().ShouldBe(["test.card.json", "test.onnx"]);
        using DigitClassifier classifier = DigitClassifier.Load(Location);
        OnnxPredictions.Of(classifier, Data.Test, TestContext.Current.CancellationToken).Probabilities.ShouldBe(
            written.TestProbabilities);
    }

    [Fact]
    public void Rejection_rates_are_measured_if_evidence_was_trained()
    {
        RejectionRates refused = Write(TrainingOptions.Seed with { HiddenSize = 8, EvidenceEpochs = 1 }).Card.Refused!;

        refused.Digits.ShouldBeInRange(0, 1);
        refused.Pictures.ShouldBeInRange(0, 1);
        refused.NonDigits.Keys.ShouldBe(
            [
                "letter", "scriptLetter", "inventedLetter", "severalDigits", "turnedDigit", "struckDigit", "mixedDigit",
                "scribble", "drawing", "shape", "silhouette", "photoFragment", "chart", "texture", "speck",
            ]);
        refused.NonDigits.Values.ShouldAllBe(share => share >= 0 && share <= 1);
        Write(TrainingOptions.Seed with { HiddenSize = 8 }).Card.Refused.ShouldBeNull();
    }

    [Fact]
    public void The_card_is_complete()
    {
        Write(TrainingOptions.Seed with { HiddenSize = 8, RandomSeed = 5 });

        using JsonDocument document =
            JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(Location, ".card.json")));
        JsonElement card = document.RootElement;
        using DigitClassifier classifier = DigitClassifier.Load(Location);

        card.GetProperty("preset").GetString().ShouldBe("seed");
        card.GetProperty("seed").GetInt32().ShouldBe(5);
        card.GetProperty("version").GetString()!.ShouldMatch("^[0-9a-f]{12}$");
        card.GetProperty("commit").GetString().ShouldNotBeNullOrEmpty();
        card.GetProperty("parameterCount").GetInt32().ShouldBe((4 * 8 * (28 + 8 + 1)) + (10 * 9));
        card.GetProperty("hyperParameters").EnumerateObject().Select(p => p.Name)
            .ShouldBe(HyperParameter.Used(TrainingOptions.Seed).Keys);
        card.GetProperty("hyperParameters").GetProperty("hidden-size").GetString().ShouldBe("8");
        card.GetProperty("dataSha256").EnumerateObject().Count().ShouldBe(4);
        card.GetProperty("modelSha256").GetString().ShouldBe(classifier.Card.ModelSha256);
        card.GetProperty("run").GetProperty("machine").GetString().ShouldNotBeNullOrEmpty();
        card.GetProperty("run").GetProperty("seconds").GetDouble().ShouldBe(12);
        card.GetProperty("temperature").GetDouble().ShouldBe(1);
        card.GetProperty("parity").GetDouble().ShouldBeInRange(0, ModelWriter.ParityTolerance);
        card.GetProperty("isDigitThreshold").GetDouble().ShouldNotBe(0);
        foreach (string split in new[] { "validation", "test" })
        {
            JsonElement result = card.GetProperty(split);
            result.GetProperty("images").GetInt32().ShouldBe(100);
            result.GetProperty("interval").GetArrayLength().ShouldBe(2);
            result.GetProperty("confusion").EnumerateArray()
                .Sum(row => row.EnumerateArray().Sum(count => count.GetInt32())).ShouldBe(100);
            result.GetProperty("calibrationError").GetDouble().ShouldBeInRange(0, 1);
        }
    }

    [Fact]
    public void The_card_in_the_file_is_the_one_beside_it_without_the_run()
    {
        Write(TrainingOptions.Seed with { HiddenSize = 8 });

        ModelCard beside = ModelCard.FromJson(File.ReadAllText(Path.ChangeExtension(Location, ".card.json")));
        using DigitClassifier classifier = DigitClassifier.Load(Location);

        classifier.Card.ToJson().ShouldBe((beside with { Commit = null, Run = null }).ToJson());
        beside.Run.ShouldNotBeNull();
    }

    [Fact]
    public void A_calibrated_model_answers_at_the_temperature_of_its_card()
    {
        WrittenModel written =
            Write(TrainingOptions.Seed with { HiddenSize = 8, Calibration = Calibration.Temperature });

        using DigitClassifier classifier = DigitClassifier.Load(Location);
        float[] logits = OnnxPredictions.Of(classifier, Data.Test, TestContext.Current.CancellationToken).Logits;
        written.Card.Temperature.ShouldNotBe(1);
        Softmax.Of(logits, written.Card.Temperature)
            .Zip(written.TestProbabilities, (one, other) => Math.Abs(one - other)).Max()
            .ShouldBeLessThan(1e-6f); // two softmaxes in float32
    }

    [Fact]
    public void A_file_that_computes_something_else_fails_the_run_and_is_deleted()
    {
        // Weights that make the network chaotic: over 28 rows the last bit of a sum becomes another answer.
        var network = new LstmClassifier(64);
        network.Initialize(InitialValues.TensorFlow, seed: 1);
        using (no_grad())
        {
            foreach (Tensor weights in new[] { network.InputWeights, network.RecurrentWeights, network.OutputWeights })
            {
                weights.mul_(1000);
            }
        }

        TrainerException problem = Should.Throw<TrainerException>(() =>
            Write(TrainingOptions.Seed with { HiddenSize = 64 }, network));

        problem.ExitCode.ShouldBe(ExitCodes.RunFailed);
        problem.Message.ShouldMatch(
            "^ONNX Runtime does not compute what TorchSharp does: probabilities differ by up to .* and .* of 100 "
            + "digits disagree. No model was written.$");
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_tie_within_the_tolerance_may_fall_either_way()
    {
        float[] Probabilities(float eight, float nine) => [.. new float[8], eight, nine];

        double difference =
            ModelWriter.RequireParity(Probabilities(0.5000001f, 0.4999999f), Probabilities(0.4999999f, 0.5000001f));
        Action clear = () =>
            ModelWriter.RequireParity(Probabilities(0.500006f, 0.499994f), Probabilities(0.499999f, 0.500001f));

        difference.ShouldBeInRange(1e-7, 3e-7);
        clear.ShouldThrow<TrainerException>().Message.ShouldContain("1 of 1 digits disagree");
    }

    [Fact]
    public void Weights_that_are_not_numbers_fail_the_run_and_keep_the_previous_model()
    {
        Write(TrainingOptions.Seed with { HiddenSize = 8 });
        byte[] before = File.ReadAllBytes(Location);
        var broken = new LstmClassifier(8);
        broken.Initialize(InitialValues.TensorFlow, seed: 1);
        using (no_grad())
        {
            broken.OutputBias.fill_(float.NaN);
        }

        TrainerException problem = Should.Throw<TrainerException>(() =>
            Write(TrainingOptions.Seed with { HiddenSize = 8 }, broken));

        problem.ExitCode.ShouldBe(ExitCodes.RunFailed);
        problem.Message.ShouldStartWith("Some weights are no finite numbers");
        File.ReadAllBytes(Location).ShouldBe(before);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("digits")]
    [InlineData("digits-float")]
    public void The_committed_model_belongs_to_its_card(string name)
    {
        ModelCard beside = ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", $"{name}.card.json")));
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", $"{name}.onnx"));

        classifier.Card.ToJson().ShouldBe((beside with { Commit = classifier.Card.Commit, Run = null }).ToJson());
        beside.Parity.ShouldBeInRange(0, ModelWriter.ParityTolerance);
        beside.DataSha256.ShouldBe(MnistFile.Hashes);
    }

    private WrittenModel Write(TrainingOptions options, LstmClassifier? network = null)
    {
        if (network is null)
        {
            network = new LstmClassifier(options.HiddenSize);
            network.Initialize(options.InitialValues, options.RandomSeed);
        }

        using (network)
        {
            return TestModels.Write(new TrainedNetwork(network,
                new TrainingHistory { Elapsed = TimeSpan.FromSeconds(12) }), options, Data, Location);
        }
    }
}
