using System.Reflection;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class RandomPurposeTests
{
    [Fact]
    public void No_two_purposes_share_a_stream_whatever_the_number_of_teachers()
    {
        FieldInfo[] purposes =
        [
            .. typeof(RandomPurpose).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Where(field => field.Name != nameof(RandomPurpose.MostTeachers)),
        ];
        string[] ofTeachers = [nameof(RandomPurpose.TeacherViews), nameof(RandomPurpose.TeacherStatistics),
            nameof(RandomPurpose.TeacherOrder)];

        int[] streams =
        [
            .. purposes.SelectMany(field => Enumerable.Range(
                (int)field.GetRawConstantValue()!, ofTeachers.Contains(field.Name) ? RandomPurpose.MostTeachers : 1)),
        ];

        purposes.Length.ShouldBeGreaterThan(15);
        purposes.Select(field => field.Name).Where(name => name.StartsWith("Teacher", StringComparison.Ordinal))
            .ShouldBe(ofTeachers, ignoreOrder: true);
        streams.ShouldBeUnique();
    }
}
