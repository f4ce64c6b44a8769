using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests;

internal static class TestModels
{
    /// <summary>Writes a model and its card, as train does.</summary>
    public static WrittenModel Write(TrainedNetwork trained, TrainingOptions options, MnistDataset data, string path)
    {
        using var file = new AtomicFile(path);
        WrittenModel model = ModelWriter.Prepare(trained, options, data, file);
        ModelWriter.Commit((file, model.Card));
        return model;
    }
}
